using System.Globalization;
using GameStack.AppHost.Commands;
using GameStack.Contracts.Settings;
using Microsoft.Extensions.Configuration;

namespace GameStack.AppHost;

/// <summary>
/// Settings that the AppHost passes to the programs. They are not Aspire parameters, because Aspirate 9.1.0 replaces a parameter's
/// published default with a generated password.
/// </summary>
internal static class RunSettings
{
    public const string Through = "PLAY_THROUGH";
    public const string TicketKeyFile = "Tickets:KeyFile";
    public const string TicketPublicKeyFile = "Tickets:PublicKeyFile";

    private const string Engine = "ASPIRE_CONTAINER_RUNTIME";
    private const string Silence = "Matchmaking:SilentSeconds";

    private static readonly (string Name, string Default, double Least, double Most, NumberStyles Style)[] Numbers =
    [
        ("SESSION_SIZE", "12", 1, 100, NumberStyles.None),
        ("MIN_PARTIAL_SESSION_SIZE", "2", 1, 100, NumberStyles.None),
        ("FLUSH_WAIT_SECONDS", "15", 0, 86_400, NumberStyles.Float),
        (Silence, "60", 10, 86_400, NumberStyles.Float),
        ("CLIENTS", "50", 1, 1_000_000, NumberStyles.None),
        ("MATCH_DURATION", "30", 0.001, 86_400, NumberStyles.AllowDecimalPoint),
        ("SPAWN_RATE", "0", 0, 100_000, NumberStyles.AllowDecimalPoint),
    ];

    /// <summary>
    /// The value or the default. A setting has the same name on the AppHost and on the program:
    /// <c>SESSION_SIZE=5 dotnet run --project AppHost</c>.
    /// </summary>
    public static string Get(IConfiguration configuration, string name) =>
        Get(configuration, name, Numbers.Single(number => number.Name == name).Default);

    /// <summary>The value, or another one where it is not set.</summary>
    public static string Get(IConfiguration configuration, string name, string otherwise) =>
        configuration[name]?.Trim() is { Length: > 0 } text ? text : otherwise;

    /// <summary>Checks the settings as the programs would, so that a run does not start with programs that end at once.</summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static void Check(IConfiguration configuration)
    {
        foreach (var (name, _, least, most, style) in Numbers)
        {
            var text = Get(configuration, name);
            if (!double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) || !(number >= least && number <= most))
            {
                var kind = style == NumberStyles.None ? "a whole number" : "a number";
                throw SettingException.For(name, text, string.Create(CultureInfo.InvariantCulture, $"{kind} from {least} to {most}"));
            }
        }

        if (Number(configuration, Silence) <= Number(configuration, "FLUSH_WAIT_SECONDS"))
        {
            throw SettingException.For(Silence, Get(configuration, Silence), "more than FLUSH_WAIT_SECONDS");
        }

        if (configuration[Engine]?.Trim() is { Length: > 0 } engine && engine is not ("docker" or "podman"))
        {
            throw SettingException.For(Engine, engine, "docker or podman");
        }

        if (Get(configuration, Through, LoadTest.Ways[0]) is var way && !LoadTest.Ways.Contains(way, StringComparer.Ordinal))
        {
            throw SettingException.For(Through, way, "direct, gateway or websocket");
        }

        var hasTicketKey = Get(configuration, TicketKeyFile, "").Length > 0;
        if (hasTicketKey != Get(configuration, TicketPublicKeyFile, "").Length > 0)
        {
            throw new SettingException(hasTicketKey
                ? "Tickets__PublicKeyFile is not set; expected the file with the public key of Tickets__KeyFile."
                : "Tickets__KeyFile is not set; expected the file with the private key of Tickets__PublicKeyFile.");
        }
    }

    private static double Number(IConfiguration configuration, string name) =>
        double.Parse(Get(configuration, name), CultureInfo.InvariantCulture);
}
