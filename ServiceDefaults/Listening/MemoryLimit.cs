namespace GameStack.ServiceDefaults.Listening;

/// <summary>How much memory this process may use, in bytes.</summary>
internal static class MemoryLimit
{
    /// <summary>What the garbage collector keeps to: the machine's memory, or three quarters of the container's limit.</summary>
    public static long Value => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
