using System.Diagnostics.CodeAnalysis;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>A match that has a server, or for which one is being found.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source of the token has no timer and no handle, and may be cancelled at any time.")]
internal sealed class FleetMatch
{
    private readonly CancellationTokenSource _ending = new();

    public FleetMatch(Guid id, Func<FleetMatch, Task<Result<RunningGameServer>>> allocate)
    {
        Id = id;
        Allocation = Task.Run(() => allocate(this));
    }

    public Guid Id { get; }

    /// <summary>The single answer to all callers that ask for this match's server.</summary>
    public Task<Result<RunningGameServer>> Allocation { get; }

    /// <summary>Cancelled when the match is to end.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Null until the server has been seen to answer.</summary>
    public GameServerProcess? Process { get; set; }

    /// <summary>Null until the server has been seen to answer.</summary>
    public RunningGameServer? Server { get; set; }

    /// <summary>Null until the server has been seen to answer.</summary>
    public HandshakeTarget? Target { get; set; }

    /// <summary>Null until the server has been seen to answer.</summary>
    public ServerRecord? Record { get; set; }

    /// <summary>Whether the match had a server that has ended or is ending.</summary>
    public bool HasEnded => Process is not null && (_ending.IsCancellationRequested || Process.Exited.IsCompleted);

    public void End() => _ending.Cancel();
}
