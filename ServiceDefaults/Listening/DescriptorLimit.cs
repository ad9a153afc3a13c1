using System.Globalization;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>How many files and sockets this process may have open.</summary>
public static class DescriptorLimit
{
    /// <summary>With fewer descriptors, .NET cannot load all of a program, and fails before the program's own need is known.</summary>
    private const int Fewest = 256;

    private const string LimitsFile = "/proc/self/limits";
    private const string OpenFiles = "Max open files";

    /// <summary>The soft limit, which the runtime has raised to the hard limit at its start. Without a known limit: a million.</summary>
    public static int Value { get; } = File.Exists(LimitsFile) ? Read(File.ReadLines(LimitsFile)) : Unlimited;

    /// <summary>
    /// One sentence that says why no program can run with this limit; null if one can. To be asked before a program loads what it needs.
    /// </summary>
    public static string? WhyTooLow =>
        Value < Fewest ? $"The limit of open files (ulimit -n) is {Value}, but .NET alone needs {Fewest}." : null;

    private static int Unlimited => 1_000_000;

    /// <param name="lines">Lines such as <c>Max open files            1024                 524288               files</c>.</param>
    internal static int Read(IEnumerable<string> lines) =>
        lines.FirstOrDefault(line => line.StartsWith(OpenFiles, StringComparison.Ordinal))?[OpenFiles.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
        && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? (int)Math.Min(limit, Unlimited)
            : Unlimited;
}
