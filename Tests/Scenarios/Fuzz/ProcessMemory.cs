using System.Globalization;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>What another process takes of the machine's memory.</summary>
internal static class ProcessMemory
{
    public const double MiB = 1024 * 1024;

    /// <summary>Resident bytes: <c>VmRSS:      4096 kB</c>.</summary>
    public static double ResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
