using System.Net.Sockets;
using GameStack.Backend.Tickets;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers;

/// <summary>Assigns a server on standby its match, then checks that it answers on the exact address that its players are given.</summary>
internal class GameServerHandshake(IOptions<GameServersOptions> options, TicketSigner tickets, TimeProvider time)
{
    protected TimeProvider Time => time;

    /// <summary>How long a server that has its match may take to answer its players.</summary>
    protected virtual TimeSpan AnswerTimeout => options.Value.AssignTimeout;

    /// <summary>Assigns the match and checks the address.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; a time-out is a result.</exception>
    public async Task<HandshakeOutcome> RunAsync(
        ControlPortClient control, RunningGameServer server, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var game = new GamePortClient(server.Host, server.Port);
        var (refusal, _) = await StepAsync("its control port", options.Value.AssignTimeout, AssignAsync, cancellationToken);
        if (refusal is not null)
        {
            return new(Result<RunningGameServer>.Failed(refusal));
        }

        var (failure, isSilent) = await StepAsync(
            $"{server.Host}:{server.Port}", AnswerTimeout, game.CheckOpenAsync, cancellationToken);
        return failure is null ? new(Result<RunningGameServer>.Of(server)) : new(Result<RunningGameServer>.Failed(failure), isSilent);

        async Task<string?> AssignAsync(CancellationToken cancellationToken)
        {
            var assigned = await control.AssignAsync(
                server, players, options.Value.LongestMatch, tickets.TermsFor(server), cancellationToken);
            server = assigned.Value ?? server;
            return assigned.Failure;
        }
    }

    /// <summary>Runs a step once. Both ports of a process can be reached now, or never.</summary>
    /// <param name="step">The step.</param>
    /// <param name="onFailure">Called with the failure of each try that is repeated.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    protected virtual Task<string?> TryAsync(
        Func<CancellationToken, Task<string?>> step, Action<Exception> onFailure, CancellationToken cancellationToken) =>
        step(cancellationToken);

    private async Task<(string? Failure, bool IsSilent)> StepAsync(
        string address, TimeSpan timeout, Func<CancellationToken, Task<string?>> step, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(timeout, time, cancellationToken);
        Exception? last = null;
        try
        {
            return (await TryAsync(step, failure => last = failure, limit.Token), IsSilent: false);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return ($"The game server could not be reached on {address}: {e.Message}", IsSilent: true);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            var why = last is SocketException or IOException ? $": {last.Message}" : ".";
            return ($"The game server did not answer on {address} within {timeout.TotalSeconds:0.###} s{why}", IsSilent: true);
        }
    }
}
