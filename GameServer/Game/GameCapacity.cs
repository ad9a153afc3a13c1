using GameStack.GameServer.Control;
using GameStack.GameServer.Lines;

namespace GameStack.GameServer.Game;

/// <summary>How many connections the game port can serve with the descriptors and the memory that the process has.</summary>
internal static class GameCapacity
{
    /// <summary>The kernel's buffer for what a peer does not read, and for what is not read from it. The kernel doubles it.</summary>
    public const int SocketBufferBytes = 8 * 1024;

    private const int Most = 10_000;

    /// <summary>With fewer, a server is of no use and does not start.</summary>
    private const int Fewest = 32;

    /// <summary>What the process keeps for itself: a runtime that runs out of descriptors may fail anywhere.</summary>
    private const int OwnDescriptors = 64;

    /// <summary>What the process takes without a connection, with room for what it does not collect at once.</summary>
    private const int OwnBytes = 12 * 1024 * 1024;

    /// <summary>
    /// What a connection holds at most: lines that its peer does not take, a piece of them that is being sent, an unfinished line, two
    /// buffers of the kernel, and the objects of both.
    /// </summary>
    private const int BytesPerConnection =
        64 * 1024 + LineSender.PieceBytes + LineReader.ReadBytes + 2 * 2 * SocketBufferBytes + 8 * 1024;

    /// <param name="descriptors">The limit of open files.</param>
    /// <param name="memory">The memory that the process may use, in bytes.</param>
    public static int Of(int descriptors, long memory) =>
        (int)Math.Min(Most, Math.Min(ByDescriptors(descriptors), ByMemory(memory)));

    /// <summary>One sentence that says why the server cannot start; null if it can.</summary>
    public static string? WhyTooSmall(int descriptors, long memory)
    {
        if (ByDescriptors(descriptors) < Fewest)
        {
            var needed = OwnDescriptors + ControlPort.MaxConnections + Fewest;
            return $"The limit of open files (ulimit -n) is {descriptors}, but a game server needs at least {needed}.";
        }

        var bytes = OwnBytes + (ControlPort.MaxConnections + Fewest) * BytesPerConnection;
        return ByMemory(memory) < Fewest
            ? $"A game server has {memory >> 20} MiB of memory here, but needs at least {(bytes >> 20) + 1} MiB."
            : null;
    }

    private static long ByDescriptors(int descriptors) => descriptors - OwnDescriptors - ControlPort.MaxConnections;

    private static long ByMemory(long memory) => (memory - OwnBytes) / BytesPerConnection - ControlPort.MaxConnections;
}
