using GameStack.Backend.GameServers;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Matches;

/// <summary>
/// What a stopping backend does with its matches while others take its traffic: those without a server are handed over at once, those that its own
/// child processes play are waited for and then ended, and their end is recorded before anything else stops.
/// </summary>
internal sealed class MatchDrain(MatchAssigner assigner, MatchEnder ender, IGameServerFleet fleet) : IDrainTask
{
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await assigner.HandOverAsync();
        IReadOnlyList<RunningGameServer> ending = fleet.IsShared ? [] : await fleet.ListAsync(cancellationToken);
        await fleet.DrainAsync(cancellationToken);

        // Their exits are being noticed, too; but only this says when all of them are recorded.
        await Task.WhenAll(ending.Select(server => ender.EndServerlessAsync(server, CancellationToken.None)));
    }
}
