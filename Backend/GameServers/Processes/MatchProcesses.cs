using GameStack.Backend.Life;
using GameStack.Backend.Tickets;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>Finds a process for a match, and assigns it the match.</summary>
internal sealed partial class MatchProcesses(
    ProcessPool pool, GameServerProgram program, GameServerHandshake handshake, IOptions<GameServersOptions> options,
    MatchLife life, TimeProvider time, ILogger<MatchProcesses> logger)
{
    private const int Attempts = 2;

    private readonly MatchLife _life = life;

    /// <summary>Returns a process that answers the match's players. The caller ends it when it is no longer needed.</summary>
    /// <exception cref="OperationCanceledException">No process was available in time.</exception>
    public async Task<Result<AssignedProcess>> TakeAsync(Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var assigned = Result<AssignedProcess>.Failed("");
        for (var attempt = 0; attempt < Attempts && !assigned.IsSuccess; attempt++)
        {
            var taken = await pool.TakeAsync(cancellationToken);
            if (!taken.IsSuccess)
            {
                return Result<AssignedProcess>.Failed(taken.Failure);
            }

            assigned = await AssignAsync(taken.Value, matchId, players, cancellationToken);
            if (assigned.IsSuccess)
            {
                pool.Confirm();
            }
            else
            {
                pool.Reject(taken.Value, assigned.Failure);
                Log.Discarded(logger, taken.Value.Id, matchId, assigned.Failure);
            }
        }

        return assigned;
    }

    /// <summary>Kills the process unless it can be used.</summary>
    private async Task<Result<AssignedProcess>> AssignAsync(
        GameServerProcess process, Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var isUsable = false;
        try
        {
            process.MatchId = matchId;
            _life.Announce(new MatchStep.ServerFound(matchId));
            var control = new ControlPortClient(program.ControlHost, process.Ports.Control, process.ControlToken);
            var (name, host, port) = ($"game-server-{matchId.ToString()[..8]}", program.PlayerHost, process.Ports.Game);
            var server = new RunningGameServer(matchId, name, host, port) { Admission = MatchAdmission.At(name, host, port) };
            var (assigned, _) = await handshake.RunAsync(control, server, players, cancellationToken);
            var failure = assigned.IsSuccess && process.Exited.IsCompleted
                ? "The game server ended as soon as it had its session."
                : assigned.Failure;
            isUsable = failure is null;
            return failure is null
                ? Result<AssignedProcess>.Of(new(assigned.Value!, process, control, new ServerRecord(options.Value, time)))
                : Result<AssignedProcess>.Failed(failure);
        }
        finally
        {
            if (!isUsable)
            {
                await process.KillAsync();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Discarded, LogLevel.Warning,
            "Killed game server process {ProcessId} instead of giving it to match {MatchId}: {Why}")]
        public static partial void Discarded(ILogger logger, int processId, Guid matchId, string why);
    }
}
