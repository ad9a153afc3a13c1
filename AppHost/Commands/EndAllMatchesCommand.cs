using System.Net.Http.Json;
using GameStack.Contracts.Api;

namespace GameStack.AppHost.Commands;

/// <summary>The backend's command <c>end-all-matches</c>, on the dashboard and in the <c>aspire</c> CLI.</summary>
internal static class EndAllMatchesCommand
{
    public static IResourceBuilder<ProjectResource> WithEndAllMatchesCommand(this IResourceBuilder<ProjectResource> backend) => backend
        .WithCommand(
            "end-all-matches", "End all matches",
            context => EndAllMatchesAsync(context, backend),
            new CommandOptions
            {
                Description = "Ends every live match and its game server.",
                ConfirmationMessage = "End every live match? This disconnects all players.",
                IconName = "CircleOff",
                UpdateState = BackendCommand.EnabledWhileHealthy,
            });

    private static async Task<ExecuteCommandResult> EndAllMatchesAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var api = BackendCommand.Api(context, backend);
        var cancellationToken = context.CancellationToken;
        try
        {
            var live = await api.GetFromJsonAsync("sessions/active", MatchApiJson.Default.ActiveSessionsResponse, cancellationToken);
            var failed = 0;
            foreach (var session in live!.Sessions)
            {
                var end = new Uri($"match/{session.SessionId}/end", UriKind.Relative);
                using var ended = await api.PostAsync(end, content: null, cancellationToken);
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
}
