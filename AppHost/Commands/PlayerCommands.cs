using System.Globalization;
using System.Net.Http.Json;
using GameStack.Contracts.MatchApi;
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
                Description = "Simulated players join the queue, connect when they are matched, and stay until the match ends: opponents for somebody who plays by hand.",
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
                ConfirmationMessage = "End every live match? Its players are disconnected.",
                IconName = "CircleOff",
                UpdateState = EnabledWhileHealthy,
            });

    // One less than a full match: the person at the keyboard is the last player.
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
        var players = Enumerable.Range(0, context.Arguments.GetInt32("count"))
            .Select(_ => new SimulatedPlayer(Api(context, backend), context.Logger))
            .ToList();
        try
        {
            await Task.WhenAll(players.Select(player => player.JoinAsync(context.CancellationToken)));
        }
        catch (HttpRequestException e)
        {
            return CommandResults.Failure($"The backend refused a player: {e.Message}");
        }

        foreach (var player in players)
        {
            _ = player.PlayAsync(stopping);
        }

        return CommandResults.Success($"{players.Count} simulated players have joined.");
    }

    private static async Task<ExecuteCommandResult> EndAllMatchesAsync(ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var api = Api(context, backend);
        try
        {
            var live = await api.GetFromJsonAsync("sessions/active", MatchApiJson.Default.ActiveSessionsResponse, context.CancellationToken);
            foreach (var session in live?.Sessions ?? [])
            {
                using var ended = await api.PostAsync(new Uri($"match/{session.SessionId}/end", UriKind.Relative), content: null, context.CancellationToken);
                ended.EnsureSuccessStatusCode();
            }

            return CommandResults.Success($"{live?.Sessions.Count ?? 0} matches ended.");
        }
        catch (HttpRequestException e)
        {
            return CommandResults.Failure($"Not every match could be ended: {e.Message}");
        }
    }

    private static HttpClient Api(ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = new Uri(backend.GetEndpoint("http").Url);
        return client;
    }
}
