using System.Runtime.InteropServices;

namespace GameStack.Tests.Support;

/// <summary>Signals to processes, by Linux's numbers.</summary>
public static class UnixSignals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <param name="process">The process id; a negative one stands for the group of that process.</param>
    /// <param name="signal">One of these constants.</param>
    public static void Send(int process, int signal) => Assert.Equal(0, SendSignal(process, signal));

    /// <summary>As <see cref="Send"/>, but answers whether the signal was sent: the process may have ended.</summary>
    public static bool TrySend(int process, int signal) => SendSignal(process, signal) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
