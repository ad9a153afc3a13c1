using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GameStack.Tests.Support;

/// <summary>
/// A player's side of the HTTP contract, written from its text alone. <paramref name="root"/> is the proxy's <c>/api/</c>, or a backend's
/// <c>/</c>.
/// </summary>
public sealed class ContractClient(Uri root) : IDisposable
{
    private readonly HttpClient _http = TestHttp.ClientOf(root);

    public Uri Root => root;

    public void Dispose() => _http.Dispose();

    public Task<ApiAnswer> JoinAsync(string player, CancellationToken cancellationToken) =>
        PostAsync("match/join", Json(player), cancellationToken);

    public Task<ApiAnswer> LeaveAsync(string player, CancellationToken cancellationToken) =>
        PostAsync("match/leave", Json(player), cancellationToken);

    public Task<ApiAnswer> StatusAsync(string player, CancellationToken cancellationToken) =>
        GetAsync($"match/status?player_id={Uri.EscapeDataString(player)}", cancellationToken);

    /// <summary>Answers when the player's status is no longer pending, or after <paramref name="seconds"/>.</summary>
    public Task<ApiAnswer> StatusAsync(string player, int seconds, CancellationToken cancellationToken) =>
        GetAsync($"match/status?player_id={Uri.EscapeDataString(player)}&wait={seconds}", cancellationToken);

    public Task<ApiAnswer> EndAsync(string sessionId, CancellationToken cancellationToken) =>
        PostAsync($"match/{sessionId}/end", content: null, cancellationToken);

    public Task<ApiAnswer> ActiveSessionsAsync(CancellationToken cancellationToken) => GetAsync("sessions/active", cancellationToken);

    /// <summary>False also when nobody answers.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var health = await GetAsync("health", cancellationToken);
            return health.Code == HttpStatusCode.OK && health.Text("status") == "ok";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public async Task<ApiAnswer> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return await ApiAnswer.ReadAsync(response, cancellationToken);
    }

    public async Task<ApiAnswer> PostAsync(string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using (content)
        {
            using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
            return await ApiAnswer.ReadAsync(response, cancellationToken);
        }
    }

    /// <summary>The player's statuses as the server pushes them, until it closes the stream or the test stops reading.</summary>
    public async IAsyncEnumerable<JsonElement> EventsAsync(string player, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = new Uri($"match/events?player_id={Uri.EscapeDataString(player)}", UriKind.Relative);
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            using var document = JsonDocument.Parse(item.Data);
            yield return document.RootElement.Clone();
        }
    }

    public async Task WaitUntilEndedAsync(string player, CancellationToken cancellationToken)
    {
        await foreach (var change in EventsAsync(player, cancellationToken))
        {
            if (change.GetProperty("status").GetString() == "ended")
            {
                return;
            }
        }

        Assert.Fail($"The events of {player} stopped before the match had ended.");
    }

    public async Task<Seat> WaitUntilMatchedAsync(string player, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await OkAsync(() => StatusAsync(player, seconds: 20, cancellationToken));
            switch (answer.Text("status"))
            {
                case "matched":
                    return Seat.Of(player, answer);
                case "pending":
                    break;
                default:
                    throw new InvalidDataException($"{player} was never matched: {answer.Raw}");
            }
        }
    }

    /// <summary>Joins all players at once and waits until each is told where to connect.</summary>
    public async Task<Seat[]> JoinAndWaitAsync(IEnumerable<string> players, CancellationToken cancellationToken) =>
        await Task.WhenAll(players.Select(async player =>
        {
            await OkAsync(() => JoinAsync(player, cancellationToken));
            return await WaitUntilMatchedAsync(player, cancellationToken);
        }));

    /// <summary>Repeats a call while its answer is 503, which says to ask again. A busy backend may give that answer, too.</summary>
    public static Task<ApiAnswer> RetryAsync(Func<Task<ApiAnswer>> call) => RetryAsync(call, _ => true);

    /// <summary>Repeats a call while its answer is 503; the one after that has to be a 200.</summary>
    public static async Task<ApiAnswer> OkAsync(Func<Task<ApiAnswer>> call) => (await RetryAsync(call)).Ok();

    /// <summary>
    /// Repeats a call while Redis answers too late, as it may on a busy machine. Any other 503 fails the test: the proxy, for one, may give
    /// none.
    /// </summary>
    public static async Task<ApiAnswer> OkUnlessBusyAsync(Func<Task<ApiAnswer>> call) =>
        (await RetryAsync(call, problem => problem.Text("title") == "A dependency is unavailable")).Ok();

    public static StringContent Json(string player) => RawJson(new JsonObject { ["player_id"] = player }.ToJsonString());

    public static StringContent RawJson(string json) => new(json, Encoding.UTF8, "application/json");

    private static Task<ApiAnswer> RetryAsync(Func<Task<ApiAnswer>> call, Func<ApiAnswer, bool> mayRepeat) => Eventually.GetAsync(
        "an answer other than 503",
        _ => call(),
        answer =>
        {
            if (answer.Code != HttpStatusCode.ServiceUnavailable)
            {
                return true;
            }

            answer.IsProblem(HttpStatusCode.ServiceUnavailable);
            return !mayRepeat(answer);
        },
        Waits.Start);
}
