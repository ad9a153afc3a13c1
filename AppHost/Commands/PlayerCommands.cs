using System.Globalization;
using System.Net.Http.Json;
using GameStack.Contracts.Api;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost.Commands;

/// <summary>The backend's commands <c>add-players</c> and <c>end-all-matches</c>, on the dashboard and in the <c>aspire</c> CLI.</summary>
internal static class PlayerCommands
{
    private const int MostPlayers = 1000;

    public static IResourceBuilder<ProjectResource> WithPlayerCommands(this IResourceBuilder<ProjectResource> backend, string sessionSize) => backend
        .WithCommand(
            "add-players", "Add players",
            context => AddPlayersAsync(context, backend),
            new CommandOptions
            {
                Description = "Adds simulated players to the queue, as opponents for a person who plays by hand. They connect when matched and stay until the match ends.",
                IconName = "PersonAdd",
                Arguments = [OpponentsInput(sessionSize)],
                ValidateArguments = ValidateCountAsync,
                UpdateState = EnabledWhileHealthy,
            })
        .WithCommand(
            "end-all-matches", "End all matches",
            context => EndAllMatchesAsync(context, backend),
            new CommandOptions
            {
                Description = "Ends every live match and its game server.",
                ConfirmationMessage = "End every live match? This disconnects all players.",
                IconName = "CircleOff",
                UpdateState = EnabledWhileHealthy,
            });

    // One player fewer than a full match: the person at the keyboard is the last player.
    private static InteractionInput OpponentsInput(string sessionSize) => new()
    {
        Name = "count",
        Label = "Players",
        Description = $"How many, 1 to {MostPlayers}",
        InputType = InputType.Number,
        Value = int.TryParse(sessionSize, CultureInfo.InvariantCulture, out var size) ? Math.Max(1, size - 1).ToString(CultureInfo.InvariantCulture) : "1",
        Required = true,
    };

    private static Task ValidateCountAsync(InputsDialogValidationContext context)
    {
        if (context.Inputs.GetInt32("count") is not (>= 1 and <= MostPlayers))
        {
            context.AddValidationError("count", $"count must be a whole number from 1 to {MostPlayers}.");
        }

        return Task.CompletedTask;
    }

    private static ResourceCommandState EnabledWhileHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus is Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            ? ResourceCommandState.Enabled
            : ResourceCommandState.Disabled;

    private static async Task<ExecuteCommandResult> AddPlayersAsync(ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var api = Api(context, backend);
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
        catch (HttpRequestException e)
        {
            return CommandResults.Failure($"{joined} simulated players have joined; the backend refused the next one: {e.Message}");
        }
    }

    private static async Task<ExecuteCommandResult> EndAllMatchesAsync(ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var api = Api(context, backend);
        try
        {
            var live = await api.GetFromJsonAsync("sessions/active", MatchApiJson.Default.ActiveSessionsResponse, context.CancellationToken);
            var failed = 0;
            foreach (var session in live!.Sessions)
            {
                using var ended = await api.PostAsync(new Uri($"match/{session.SessionId}/end", UriKind.Relative), content: null, context.CancellationToken);
                failed += ended.IsSuccessStatusCode ? 0 : 1;
            }

            return failed == 0
                ? CommandResults.Success($"Matches ended: {live.Sessions.Count}.")
                : CommandResults.Failure($"Matches ended: {live.Sessions.Count - failed}; not ended: {failed}.");
        }
        catch (HttpRequestException e)
        {
            return CommandResults.Failure($"The backend does not answer: {e.Message}");
        }
    }

    private static HttpClient Api(ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = new Uri(backend.GetEndpoint("http").Url);
        return client;
    }
}
