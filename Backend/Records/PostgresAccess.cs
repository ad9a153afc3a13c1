using System.Security.Authentication;
using GameStack.Backend.Dependencies;
using Npgsql;

namespace GameStack.Backend.Records;

/// <summary>Whether Postgres lets this backend in.</summary>
/// <param name="settings">The names of the settings.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the refusals.</param>
internal sealed class PostgresAccess(DatabaseSettingNames settings, TimeProvider time, ILogger<PostgresAccess> logger)
    : DependencyAccess(PostgresMatchRecords.Dependency, time, logger)
{
    /// <summary>How the client begins its own error if it has no password to send.</summary>
    private const string NoPassword = "No password has been provided";

    public void Failed(DependencyUnavailableException exception)
    {
        if (exception.InnerException is NpgsqlException { InnerException: AuthenticationException certificate })
        {
            Distrusted(certificate.Message);
            return;
        }

        var (code, said) = exception.InnerException switch
        {
            PostgresException error => (error.SqlState, error.MessageText),
            NpgsqlException error when error.Message.StartsWith(NoPassword, StringComparison.Ordinal) =>
                (PostgresErrorCodes.InvalidPassword, error.Message),
            _ => ("", ""),
        };
        if (Find(code) is { } what)
        {
            Refused(what, code, said);
        }
        else
        {
            Failed();
        }
    }

    private string? Find(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => $"the user of {settings.Credentials}",
        PostgresErrorCodes.InvalidCatalogName => $"the database of {settings.Database}",
        PostgresErrorCodes.InsufficientPrivilege => $"a right to the user of {settings.Credentials}",
        _ => null,
    };
}
