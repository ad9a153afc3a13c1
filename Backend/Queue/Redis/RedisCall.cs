using System.Globalization;
using System.Net.Sockets;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Runs one call to Redis. If Redis drops or refuses the call, or is too slow to answer it, the result is always a
/// <see cref="DependencyUnavailableException"/>. A connection that is torn down during a call shows up in many more ways, because the
/// client may pass on any exception of its socket or pipe (StackExchange.Redis#3167). Any other error of the server is a defect of ours and
/// passes through.
/// </summary>
internal static class RedisCall
{
    /// <summary>The code of an error when the user lacks a right.</summary>
    public const string NoPermission = "NOPERM";

    /// <summary>The code of an error when the memory of Redis is full.</summary>
    public const string OutOfMemory = "OOM";

    /// <summary>Errors of a server that cannot serve now, from the server's own list of codes, and those of our scripts.</summary>
    private static readonly string[] UnavailableCodes =
    [
        "READONLY", "LOADING", "MISCONF", OutOfMemory, NoPermission, "NOAUTH", "WRONGPASS", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN",
        "NOREPLICAS", "BUSY", "UNKILLABLE", "EPOCH", "LATE",
    ];

    private static readonly string[] RefusalCodes = ["WRONGPASS", "NOAUTH", NoPermission];

    /// <summary>
    /// Errors without a code of their own, of a script whose user may not run one of its commands:
    /// <c>ERR The user executing the script can't run this command or subcommand script: …</c> (Redis 7.0),
    /// <c>ERR ACL failure in script: User … has no permissions …</c> (later).
    /// </summary>
    private static readonly string[] ForbiddenInScript = ["The user executing the script can't", "ACL failure in script"];

    public static async Task<T> RunAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        try
        {
            return await call().WaitAsync(cancellationToken);
        }
        catch (RedisServerException e) when (!IsUnavailable(e.Message))
        {
            throw;
        }
        catch (Exception e) when (
            IsFault(e) || IsTornDown(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DependencyUnavailableException("Redis", e.Message, e);
        }
    }

    /// <summary>
    /// Whether a server's error has this code:
    /// <c>READONLY You can't write against a read only replica. script: …</c>, or from servers before version 7
    /// <c>ERR Error running script (…): @user_script:12: -READONLY You can't write …</c>.
    /// </summary>
    public static bool HasCode(string message, string code) =>
        message.StartsWith(code + " ", StringComparison.Ordinal) || message.Contains($" -{code} ", StringComparison.Ordinal);

    /// <summary>
    /// The code, if this error says that Redis does not let the user in, or does not let it do something; otherwise null. The client passes
    /// on what the server says, and sometimes adds words in front:
    /// <c>WRONGPASS invalid username-password pair or user is disabled.</c>,
    /// <c>It was not possible to connect … (RedisServerException) NOAUTH Returned - connection has not yet authenticated</c>.
    /// </summary>
    public static string? FindRefusal(string message) =>
        ForbiddenInScript.Any(text => message.Contains(text, StringComparison.Ordinal))
            ? NoPermission
            : RefusalCodes.FirstOrDefault(code => message.Contains(code + " ", StringComparison.Ordinal));

    /// <summary>
    /// What is wrong with the certificate of Redis, if this error says so; otherwise null. The client adds the last connection's error:
    /// <c>No connection is active/available …; The remote certificate is invalid because of errors in the certificate chain:
    /// UntrustedRoot, mc: 1/1/0, …</c>
    /// </summary>
    public static string? FindCertificateError(string message) =>
        message.IndexOf("The remote certificate ", StringComparison.Ordinal) is >= 0 and var start
            ? message[start..].Split(", mc:")[0]
            : null;

    /// <summary>The time of Redis in microseconds since 1970, if this error says that a script ran too late; else null.</summary>
    public static long? FindTime(string? message) =>
        message?.Split(' ') is ["LATE", var now] ? long.Parse(now, CultureInfo.InvariantCulture) : null;

    private static bool IsUnavailable(string message) =>
        UnavailableCodes.Any(code => HasCode(message, code))
        || ForbiddenInScript.Any(text => message.Contains(text, StringComparison.Ordinal));

    private static bool IsFault(Exception e) => e is RedisException or RedisTimeoutException or RedisCommandException;

    /// <summary>An InvalidOperationException comes from a completed pipe or a disposed connection.</summary>
    private static bool IsTornDown(Exception e) => e is IOException or SocketException or InvalidOperationException;
}
