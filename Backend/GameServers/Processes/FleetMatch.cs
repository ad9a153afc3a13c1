using System.Diagnostics.CodeAnalysis;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>A match that has a server, or for which one is being found.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source of the token has neither a timer nor a handle.")]
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

    /// <summary>Null until a server has the match and answers its players.</summary>
    public AssignedProcess? Assigned { get; set; }

    /// <summary>Whether the match had a server that has ended or is ending.</summary>
    public bool HasEnded => Assigned is { Process: var process } && (_ending.IsCancellationRequested || process.Exited.IsCompleted);

    public void End() => _ending.Cancel();
}
