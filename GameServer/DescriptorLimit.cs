using System.Runtime.InteropServices;

namespace GameStack.GameServer;

/// <summary>
/// Raises the soft limit of open files to the hard limit. The ordinary runtime does so by itself, but a NativeAOT program does not, and
/// a soft limit of 1024 is common.
/// </summary>
internal static partial class DescriptorLimit
{
    // The number on Linux, from <sys/resource.h>. Other systems use other numbers and are not meant for ten thousand players.
    private const int OpenFiles = 7;

    /// <summary>Returns how many files and sockets the process may have open from now on.</summary>
    public static int Raise()
    {
        if (!OperatingSystem.IsLinux() || GetLimit(OpenFiles, out var limit) != 0)
        {
            return int.MaxValue;
        }

        var raised = limit with { Soft = limit.Hard };
        if (limit.Soft < limit.Hard && SetLimit(OpenFiles, in raised) == 0)
        {
            limit = raised;
        }

        return (int)Math.Min(limit.Soft, int.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
