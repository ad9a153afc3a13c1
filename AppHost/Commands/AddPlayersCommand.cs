using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost.Commands;

/// <summary>The backend's command <c>add-players</c>, on the dashboard and in the <c>aspire</c> CLI.</summary>
internal static class AddPlayersCommand
{
    private const int MostPlayers = 1000;

    public static IResourceBuilder<ProjectResource> WithAddPlayersCommand(
        this IResourceBuilder<ProjectResource> backend, string sessionSize) => backend
        .WithCommand(
            "add-players", "Add players",
            context => AddPlayersAsync(context, backend),
            new CommandOptions
            {
                Description = "Adds simulated players to the queue, as opponents for a person who plays by hand. "
                    + "They connect when matched and stay until the match ends.",
                IconName = "PersonAdd",
                Arguments = [CountInput(sessionSize)],
                ValidateArguments = ValidateAsync,
                UpdateState = BackendCommand.EnabledWhileHealthy,
            });

    private static InteractionInput CountInput(string sessionSize)
    {
        // One player fewer than a full match: the person at the keyboard is the last player.
        var opponents = int.TryParse(sessionSize, CultureInfo.InvariantCulture, out var size) ? Math.Max(1, size - 1) : 1;
        return new InteractionInput
        {
            Name = "count",
            Label = "Players",
            Description = $"How many, 1 to {MostPlayers}",
            InputType = InputType.Number,
            Value = opponents.ToString(CultureInfo.InvariantCulture),
            Required = true,
        };
    }

    private static Task ValidateAsync(InputsDialogValidationContext context)
    {
        if (context.Inputs.GetInt32("count") is not (>= 1 and <= MostPlayers))
        {
            context.AddValidationError("count", $"count must be a whole number from 1 to {MostPlayers}.");
        }

        return Task.CompletedTask;
    }

    private static async Task<ExecuteCommandResult> AddPlayersAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var api = BackendCommand.Api(context, backend);
        var joined = 0;
        try
        {
            for (; joined < context.Arguments.GetInt32("count"); joined++)
            {
                var player = new SimulatedPlayer(api, context.Logger);
                await player.JoinAsync(context.CancellationToken);
                _ = player.PlayAsync(stopping);
            }

            return CommandResults.Success($"{joined} simulated players have joined.");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return CommandResults.Failure($"{joined} simulated players have joined; the backend refused the next one: {e.Message}");
        }
    }
}
