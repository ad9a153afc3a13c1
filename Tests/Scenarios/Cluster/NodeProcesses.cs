using System.Globalization;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>The processes of pods, where the node's are this machine's: on a cluster that runs right here.</summary>
internal static class NodeProcesses
{
    /// <summary>The processes of a pod's only container, by their command; none where they cannot be seen.</summary>
    public static IReadOnlyList<int> Find(string podUid, string command) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && IsOf(folder, podUid, command))
            .Select(folder => int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)),
    ];

    private static bool IsOf(string folder, string podUid, string command)
    {
        try
        {
            // …/kubepods/burstable/pod<uid>/<container>, or …-pod<uid with underscores>.slice/…
            return File.ReadAllText(Path.Combine(folder, "cgroup")).Replace('_', '-').Contains(podUid, StringComparison.Ordinal)
                && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(command, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended meanwhile, or is not ours to look at.
        }
    }
}
