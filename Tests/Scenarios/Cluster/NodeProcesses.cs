using System.Globalization;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>The processes of pods, where the node's are this machine's: on a cluster that runs right here.</summary>
internal static class NodeProcesses
{
    /// <summary>The process of a pod's only container, by its command; null where it cannot be seen.</summary>
    public static int? Find(string podUid, string command)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && IsOf(folder, podUid, command))
            {
                return id;
            }
        }

        return null;
    }

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
