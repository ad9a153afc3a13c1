using Spectre.Console;

namespace GameStack.LoadTester.Run;

/// <summary>Where a run writes its output.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="Terminal">The terminal behind standard output; null if standard output is a file or a pipe.</param>
internal sealed record LoadConsole(TextWriter Output, TextWriter Error, IAnsiConsole? Terminal)
{
    public static LoadConsole System =>
        new(Console.Out, Console.Error, Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi ? null : AnsiConsole.Console);
}
