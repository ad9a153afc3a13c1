using GameStack.Backend.GameServers;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Matches;

/// <summary>
/// What a stopping backend does with its matches while other backends take its traffic. It hands over the matches without a server at once.
/// It waits for the matches on its own child processes, then ends them and records their ends before anything else stops.
/// </summary>
internal sealed class MatchDrain(MatchAssigner assigner, MatchEnder ender, IGameServerFleet fleet) : IDrainTask
{
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await assigner.HandOverAsync();
        var ended = await fleet.DrainAsync(cancellationToken);

        // The exits are also watched elsewhere, but only this wait shows when all of them are recorded.
        await Task.WhenAll(ended.Select(server => ender.EndServerlessAsync(server, CancellationToken.None)));
    }
}
