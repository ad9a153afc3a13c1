namespace GameStack.Proxy.Gateway.Listening;

/// <summary>
/// Lets the runtime run what waits for a socket on the thread that polls it, and poll on as many threads as there are processors. Passing a
/// line on takes less time than waking another thread for it, which is what the runtime does otherwise. So nothing that waits for a socket
/// may block. (Kestrel's HTTP connections still run on the thread pool.)
/// </summary>
internal static class InlineCompletions
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Call this before the process uses its first socket; an operator's own choice stays.</summary>
    public static void Enable()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }
}
