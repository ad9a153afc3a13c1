using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GameStack.Tests.Backend.GameServers;

internal static class Signals
{
    public const int Continue = 18;

    public const int Stop = 19;

    public static int Send(int process, int signal) => Kill(process, signal);

    public static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
