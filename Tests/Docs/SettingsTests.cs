using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using GameStack.Contracts;
using GameStack.GameServer.Settings;
using GameStack.LoadTester.Run;
using GameStack.ServiceDefaults.Settings;
using GameStack.Tests.Support;

namespace GameStack.Tests.Docs;

/// <summary>The tables of <c>docs/settings.md</c> have every setting with its default, and nothing else.</summary>
public sealed partial class SettingsTests
{
    private static readonly string[] Projects =
        ["AppHost", "Backend", "Contracts", "GameServer", "LoadTester", "LocalServers", "Proxy", "ServiceDefaults"];

    private static readonly Dictionary<string, Row> Page = File.ReadLines(Path.Combine(Repository.Root, "docs", "settings.md"))
        .Select(line => TableRow().Match(line))
        .Where(match => match.Success)
        .ToDictionary(
            match => match.Groups["name"].Value,
            match => new Row(match.Groups["default"].Value.Trim('`'), match.Groups["values"].Value),
            StringComparer.Ordinal);

    public static TheoryData<string> Options => [.. OptionsByName.Keys];

    public static TheoryData<string> Names => [.. Page.Keys];

    public static TheoryData<string> GameServerVariables => [.. typeof(GameServerSettings).GetFields()
        .Where(constant => constant.Name != nameof(GameServerSettings.ReadyPrefix))
        .Select(constant => (string)constant.GetRawConstantValue()!)];

    /// <summary>The options of a local server (namespace <c>LocalServers</c>) are set in code.</summary>
    private static Type[] OptionsTypes { get; } = [.. Projects
        .SelectMany(project => Assembly.Load(project).GetTypes())
        .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal)
            && type.Namespace?.StartsWith("GameStack.", StringComparison.Ordinal) == true)];

    internal static Dictionary<string, PropertyInfo> OptionsByName { get; } = OptionsTypes
        .SelectMany(type => type.GetProperties().Where(property => property.CanWrite))
        .DistinctBy(NameOf, StringComparer.Ordinal)
        .ToDictionary(NameOf, StringComparer.Ordinal);

    [Theory, MemberData(nameof(Options))]
    public void An_option_is_on_the_page_with_its_default_and_range(string name)
    {
        var property = OptionsByName[name];
        Assert.True(Page.TryGetValue(name, out var row), $"docs/settings.md does not have {name}.");
        Assert.Equal(Text(property.GetValue(Activator.CreateInstance(property.DeclaringType!))), row.Default);
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            var values = range.Maximum is int.MaxValue ? $"{Text(range.Minimum)} " : $"{Text(range.Minimum)} to {Text(range.Maximum)}";
            Assert.StartsWith(values, row.Values, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(GameServerVariables))]
    public void A_variable_of_the_game_server_is_on_the_page(string name) =>
        Assert.True(Page.ContainsKey(name), $"docs/settings.md does not have {name}.");

    [Fact]
    public void The_game_servers_defaults_are_those_on_the_page()
    {
        var settings = ServerSettings.Read(name => name == GameServerSettings.ControlPort ? "0" : null).Settings!;

        Assert.Equal(Text(settings.GameEndPoint.Port), Page[GameServerSettings.Port].Default);
        Assert.Equal(Text(settings.Limits.Empty.TotalSeconds), Page[GameServerSettings.ConnectTimeoutSeconds].Default);
        Assert.Equal(Text(settings.Limits.Open.TotalSeconds), Page[GameServerSettings.OpenTimeoutSeconds].Default);
    }

    [Fact]
    public void The_load_testers_defaults_are_those_on_the_page()
    {
        var settings = new LoadSettings();

        Assert.Equal(
            [Text(settings.Clients), settings.TargetUrl.OriginalString, Text(settings.MatchDuration), Text(settings.SpawnRate)],
            new[] { "CLIENTS", "TARGET_URL", "MATCH_DURATION", "SPAWN_RATE" }.Select(name => Page[name].Default));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_name_on_the_page_is_a_setting(string name) =>
        Assert.True(OptionsByName.ContainsKey(name) || Literals.Contains(LiteralOf(name)), $"Nothing reads {name}.");

    /// <summary>Every string in the sources that may be the name of a setting.</summary>
    private static HashSet<string> Literals { get; } = Projects
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .SelectMany(file => Literal().Matches(File.ReadAllText(file)).Select(match => match.Groups["text"].Value))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string NameOf(PropertyInfo property) =>
        property.GetCustomAttribute<SettingNameAttribute>()?.Name ?? $"{SectionOf(property.DeclaringType!)}__{property.Name}";

    // Options without a section of their own share the section of the options in a namespace above: GameServers.Processes, GameServers.
    private static object SectionOf(Type options) =>
        OptionsTypes.Where(type => type == options || options.Namespace!.StartsWith($"{type.Namespace}.", StringComparison.Ordinal))
            .OrderByDescending(type => type.Namespace!.Length)
            .Select(type => type.GetField("Section"))
            .FirstOrDefault(section => section is not null)?.GetRawConstantValue()
        ?? throw new InvalidOperationException($"{options} has no constant Section.");

    // services__backend__http__0 is "services:backend:http" in the sources, and ConnectionStrings__redis is GetConnectionString("redis").
    private static string LiteralOf(string name)
    {
        var key = name.EndsWith("__0", StringComparison.Ordinal) ? name[..^3] : name;
        return key.Replace("ConnectionStrings__", "", StringComparison.Ordinal).Replace("__", ":", StringComparison.Ordinal);
    }

    private static string Text(object? value) => value switch
    {
        null => "-",
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    private sealed record Row(string Default, string Values);

    // | `SESSION_SIZE` | 12 | 1 to 100 players | The size of a full match. |
    [GeneratedRegex(
        @"^\| `(?<name>[^`]+)` \| (?<default>[^|]+) \| (?<values>[^|]+) \|", RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"""(?<text>[A-Za-z0-9_:]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Literal();
}
