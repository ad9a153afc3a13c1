using System.Net.Http.Json;
using System.Net.Sockets;
using GameStack.Contracts.Api;

namespace GameStack.AppHost.Commands;

/// <summary>The backend's command <c>end-all-matches</c>, on the dashboard and in the <c>aspire</c> CLI.</summary>
internal static class EndAllMatchesCommand
{
    public static IResourceBuilder<ProjectResource> WithEndAllMatchesCommand(this IResourceBuilder<ProjectResource> backend) => backend
        .WithCommand(
            "end-all-matches", "End all matches",
            context => EndAllMatchesAsync(BackendCommand.Api(context, backend), context.CancellationToken),
            new CommandOptions
            {
                Description = "Ends every live match and its game server.",
                ConfirmationMessage = "End every live match? This disconnects all players.",
                IconName = "CircleOff",
                UpdateState = BackendCommand.EnabledWhileHealthy,
            });

    /// <param name="api">A client of the backend's match API.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    public static async Task<ExecuteCommandResult> EndAllMatchesAsync(HttpClient api, CancellationToken cancellationToken)
    {
        try
        {
            var (ended, failed) = (0, 0);
            for (var page = "sessions/active"; page is not null;)
            {
                var live = await api.GetFromJsonAsync(page, MatchApiJson.Default.ActiveSessionsResponse, cancellationToken);
                if (live!.Count > live.Sessions.Count)
                {
                    return CommandResults.Failure("Only an operator may end all matches: set Operators__Key, and start the stack again.");
                }

                foreach (var session in live.Sessions)
                {
                    var end = new Uri($"match/{session.SessionId}/end", UriKind.Relative);
                    using var answer = await api.PostAsync(end, content: null, cancellationToken);
                    _ = answer.IsSuccessStatusCode ? ended++ : failed++;
                }

                page = live.Next is { } next ? $"sessions/active?after={next}" : null;
            }

            return failed == 0
                ? CommandResults.Success($"Matches ended: {ended}.")
                : CommandResults.Failure($"Matches ended: {ended}; not ended: {failed}.");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return CommandResults.Failure($"The backend does not answer: {e.Message}");
        }
    }
}
