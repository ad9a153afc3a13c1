using System.Globalization;

namespace GameStack.AppHost.Commands;

/// <summary>What one run of the load tester is given.</summary>
/// <param name="Clients">Simulated players.</param>
/// <param name="MatchDuration">The length of their matches, in seconds.</param>
/// <param name="SpawnRate">Players started per second; 0 starts all at once.</param>
internal sealed record LoadTest(string Clients, string MatchDuration, string SpawnRate)
{
    /// <summary>Gets the summary as JSON; null for none.</summary>
    public string? SummaryFile { get; init; }

    public static IReadOnlyList<InteractionInput> Inputs(LoadTest defaults) =>
    [
        Number("clients", "Clients", "Simulated players, 1 to 1000000", defaults.Clients),
        Number("match-duration", "Match duration", "Length of a match in seconds, 0.001 to 86400", defaults.MatchDuration),
        Number("spawn-rate", "Spawn rate", "Players started per second, 0 for all at once", defaults.SpawnRate),
    ];

    public static LoadTest From(InteractionInputCollection inputs, LoadTest defaults) => new(
        Text(inputs, "clients", defaults.Clients), Text(inputs, "match-duration", defaults.MatchDuration), Text(inputs, "spawn-rate", defaults.SpawnRate));

    /// <summary>The load tester's own bounds, told before it is started.</summary>
    public static Task ValidateAsync(InputsDialogValidationContext context)
    {
        Check("clients", least: 1, most: 1_000_000, whole: true);
        Check("match-duration", least: 0.001, most: 86_400);
        Check("spawn-rate", least: 0, most: 100_000);
        return Task.CompletedTask;

        void Check(string name, double least, double most, bool whole = false)
        {
            if (context.Inputs.GetString(name) is { Length: > 0 } text
                && !(double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most && (!whole || number == Math.Floor(number))))
            {
                context.AddValidationError(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a {(whole ? "whole " : "")}number from {least} to {most}."));
            }
        }
    }

    private static InteractionInput Number(string name, string label, string description, string value) => new()
    {
        Name = name,
        Label = label,
        Description = description,
        InputType = InputType.Number,
        Value = value,
    };

    private static string Text(InteractionInputCollection inputs, string name, string otherwise) =>
        inputs.GetString(name) is { Length: > 0 } text ? text : otherwise;
}
