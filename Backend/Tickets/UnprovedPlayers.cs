using GameStack.Backend.Access;
using GameStack.Backend.GameServers;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Tickets;

/// <summary>Warns at the start where tickets are required, but are handed to anybody who names a player.</summary>
internal sealed partial class UnprovedPlayers(
    IOptions<GameServersOptions> servers, IOptions<PlayersOptions> players, ILogger<UnprovedPlayers> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (servers.Value.Tickets == TicketUse.Required && players.Value.Authentication == PlayerAuthentication.None)
        {
            Log.AnyPlayerMayAsk(logger);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(EventIds.AnyPlayerMayAsk, LogLevel.Warning,
            "GameServers__Tickets is Required, but Players__Authentication is None: any client can get any player's ticket")]
        public static partial void AnyPlayerMayAsk(ILogger logger);
    }
}
