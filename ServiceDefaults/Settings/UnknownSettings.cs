using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>
/// Finds settings that nothing reads, which are most often misspelled: names in the sections of a program's options that none of its
/// options has. They are only worth a warning, since the environment may have variables of other programs.
/// </summary>
internal static partial class UnknownSettings
{
    /// <summary>A name that differs in more letters is meant to be another one.</summary>
    private const int MostMisspelled = 3;

    /// <summary>
    /// Settings in sections that several programs have. A program that the AppHost starts gets the variables of all programs.
    /// </summary>
    private static readonly string[] Shared =
    [
        "Gateway:CertificateFile", "Gateway:CertificateKeyFile", "Gateway:ConnectTimeout", "Gateway:DrainSeconds", "Gateway:JoinTimeout",
        "Gateway:MaxConnections", "Gateway:MaxConnectionsPerAddress", "Gateway:Port", "Gateway:PublicHost", "Gateway:PublicPort",
        "Limits:AddressShare", "Limits:HeadersTimeout", "Limits:HeldCallsPerPlayer", "Limits:KeepAliveTimeout", "Limits:MaxConnections",
        "Tickets:ClockSkew", "Tickets:KeyFile", "Tickets:PublicKeyFile",
    ];

    private static readonly ConditionalWeakTable<IConfiguration, HashSet<string>> Known = [];

    /// <summary>Takes note of settings that exist.</summary>
    /// <param name="configuration">The program's settings.</param>
    /// <param name="keys">Keys such as <c>Limits:MaxConnections</c>; those without a section do not count.</param>
    public static void Know(this IConfiguration configuration, IEnumerable<string> keys)
    {
        var known = Known.GetValue(configuration, _ => new(StringComparer.OrdinalIgnoreCase));
        lock (known)
        {
            known.UnionWith(keys.Where(key => key.Contains(':', StringComparison.Ordinal)));
        }
    }

    /// <summary>Warns of every unknown setting.</summary>
    public static void WarnOfUnknownSettings(this WebApplication app)
    {
        foreach (var (name, similar) in FindUnknownSettings(app.Configuration))
        {
            if (similar is null)
            {
                Log.Unknown(app.Logger, name);
            }
            else
            {
                Log.Misspelled(app.Logger, name, similar);
            }
        }
    }

    /// <summary>The unknown settings as variables, each with the known one that it is probably meant to be.</summary>
    internal static IEnumerable<(string Name, string? Similar)> FindUnknownSettings(this IConfiguration configuration)
    {
        if (!Known.TryGetValue(configuration, out var read))
        {
            return [];
        }

        string[] sections = [.. read.Select(SectionOf).Distinct(StringComparer.OrdinalIgnoreCase)];
        var known = read.Union(
            Shared.Where(key => sections.Contains(SectionOf(key), StringComparer.OrdinalIgnoreCase)), StringComparer.OrdinalIgnoreCase)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. sections.SelectMany(section => configuration.GetSection(section).GetChildren())
                .Where(setting => !known.Contains(setting.Path))
                .Select(setting => (VariableOf(setting.Path), FindSimilar(setting.Path, known) is { } key ? VariableOf(key) : null)),
        ];
    }

    private static string SectionOf(string key) => key[..key.IndexOf(':', StringComparison.Ordinal)];

    private static string VariableOf(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    private static string? FindSimilar(string key, IEnumerable<string> known) => known
        .Select(other => (Key: other, Distance: Distance(key.ToUpperInvariant(), other.ToUpperInvariant())))
        .Where(other => other.Distance <= MostMisspelled)
        .OrderBy(other => other.Distance)
        .Select(other => other.Key)
        .FirstOrDefault();

    /// <summary>How many letters have to be inserted, deleted or replaced to make one text of the other (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnknownSetting, LogLevel.Warning, "{Name} is not a setting, and is ignored")]
        public static partial void Unknown(ILogger logger, string name);

        [LoggerMessage(EventIds.MisspelledSetting, LogLevel.Warning,
            "{Name} is not a setting, and is ignored; did you mean {Similar}?")]
        public static partial void Misspelled(ILogger logger, string name, string similar);
    }
}
