using System.Globalization;

namespace GameStack.AppHost.Commands;

/// <summary>The options of one run of the load tester, as text: the load tester reads them from its environment.</summary>
/// <param name="Clients">Simulated players.</param>
/// <param name="MatchDuration">The length of their matches, in seconds.</param>
/// <param name="SpawnRate">Players started per second; 0 starts all at once.</param>
/// <param name="Through">How players reach their game servers: one of <see cref="Ways"/>.</param>
internal sealed record LoadTest(string Clients, string MatchDuration, string SpawnRate, string Through)
{
    public static readonly string[] Ways = ["direct", "gateway", "websocket"];

    // The load tester's own limits and number styles, checked before the load tester starts.
    private static readonly (string Name, string Label, string Description, double Least, double Most, NumberStyles Style)[] Arguments =
    [
        ("clients", "Clients", "Simulated players", 1, 1_000_000, NumberStyles.None),
        ("match-duration", "Match duration", "Length of a match in seconds", 0.001, 86_400, NumberStyles.AllowDecimalPoint),
        ("spawn-rate", "Spawn rate", "Players started per second, 0 for all at once", 0, 100_000, NumberStyles.AllowDecimalPoint),
    ];

    /// <summary>The file to write the summary to, as JSON; null to write no summary.</summary>
    public string? SummaryFile { get; init; }

    public static IReadOnlyList<InteractionInput> Inputs(LoadTest defaults) =>
    [
        .. Arguments.Zip([defaults.Clients, defaults.MatchDuration, defaults.SpawnRate], (argument, value) => new InteractionInput
        {
            Name = argument.Name,
            Label = argument.Label,
            Description = string.Create(CultureInfo.InvariantCulture, $"{argument.Description}; from {argument.Least} to {argument.Most}"),
            InputType = InputType.Number,
            Value = value,
        }),
        new InteractionInput
        {
            Name = "through",
            Label = "Through",
            Description = $"How players reach their game servers: {string.Join(", ", Ways)}",
            InputType = InputType.Choice,
            Options = [.. Ways.Select(way => KeyValuePair.Create(way, way))],
            Value = defaults.Through,
        },
    ];

    public static LoadTest From(InteractionInputCollection inputs, LoadTest defaults) => new(
        Text(inputs, "clients", defaults.Clients),
        Text(inputs, "match-duration", defaults.MatchDuration),
        Text(inputs, "spawn-rate", defaults.SpawnRate),
        Text(inputs, "through", defaults.Through));

    public static Task ValidateAsync(InputsDialogValidationContext context)
    {
        foreach (var (name, _, _, least, most, style) in Arguments)
        {
            if (context.Inputs.GetString(name) is { Length: > 0 } text
                && !(double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
            {
                var kind = style == NumberStyles.None ? "a whole number" : "a number";
                context.AddValidationError(
                    name, string.Create(CultureInfo.InvariantCulture, $"{name} must be {kind} from {least} to {most}."));
            }
        }

        if (context.Inputs.GetString("through") is { Length: > 0 } way && !Ways.Contains(way, StringComparer.Ordinal))
        {
            context.AddValidationError("through", $"through must be {string.Join(", ", Ways[..^1])} or {Ways[^1]}.");
        }

        return Task.CompletedTask;
    }

    private static string Text(InteractionInputCollection inputs, string name, string otherwise) =>
        inputs.GetString(name) is { Length: > 0 } text ? text : otherwise;
}
