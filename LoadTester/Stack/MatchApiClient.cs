using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GameStack.Contracts.Api;
using GameStack.LoadTester.Run;

namespace GameStack.LoadTester.Stack;

/// <summary>
/// The match API over HTTP. A fault of the server or the network is a value; only the caller's own cancellation is thrown.
/// </summary>
/// <remarks>
/// Calls that are answered at once share a limited number of connections. Otherwise, ten thousand players who join at the same instant
/// would open ten thousand connections for one call each, and would measure the kernel's accept queue. The measured durations include the
/// time that a call waits for its turn. A player who follows a status holds a connection while waiting, like a real client, so these
/// connections have no limit.
/// </remarks>
internal sealed class MatchApiClient : IDisposable
{
    private const int CallsAtATime = 512;

    private readonly string _baseUrl;
    private readonly CallLimits _limits;
    private readonly PlayerTokens? _tokens;
    private readonly CallLane _joins = new(CallsAtATime);
    private readonly CallLane _ends = new(CallsAtATime);
    private readonly CallLane _follows = new(width: null);

    public MatchApiClient(LoadSettings settings, CallLimits limits)
    {
        _baseUrl = settings.TargetUrl.AbsoluteUri.TrimEnd('/') + "/api/match/";
        _limits = limits;
        _tokens = PlayerTokens.Of(settings);
    }

    public Task<ApiAnswer<JoinResponse>> JoinAsync(string playerId, CancellationToken cancellationToken) =>
        CallAsync(_joins, Post("join", playerId), _limits.Join, MatchApiJson.Default.JoinResponse, cancellationToken);

    /// <param name="playerId">The player who asks.</param>
    /// <param name="wait">How long the server may hold back the answer until something changes; zero for the current state.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ApiAnswer<StatusResponse>> StatusAsync(string playerId, TimeSpan wait, CancellationToken cancellationToken)
    {
        var query = "status?player_id=" + Uri.EscapeDataString(playerId);
        if (wait > TimeSpan.Zero)
        {
            query += $"&wait={(int)wait.TotalSeconds}";
        }

        return CallAsync(_follows, Get(query, playerId), _limits.Call + wait, MatchApiJson.Default.StatusResponse, cancellationToken);
    }

    /// <summary>Every status that the server sends until it ends the stream. If there is a fault, it is the last element.</summary>
    public async IAsyncEnumerable<ApiAnswer<StatusResponse>> EventsAsync(
        string playerId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Get("events?player_id=" + Uri.EscapeDataString(playerId), playerId);
        request.Headers.Accept.ParseAdd("text/event-stream");
        var opened = await _follows.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _limits.Call, cancellationToken);
        if (opened.Value is not { } response)
        {
            yield return opened.As<StatusResponse>();
            yield break;
        }

        using (response)
        {
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                // There is nothing more to follow: the player's match has ended.
                yield return ApiAnswer<StatusResponse>.Of(new StatusResponse { Status = MatchStatus.Ended });
                yield break;
            }

            await foreach (var answer in StatusStream.ReadAsync(response.Content, cancellationToken))
            {
                yield return answer;
            }
        }
    }

    /// <param name="playerId">A player of the match.</param>
    /// <param name="sessionId">The match.</param>
    /// <param name="ticket">What shows that a player of the match ends it; null where there are no tickets.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ApiAnswer<StatusResponse>> EndAsync(
        string playerId, string sessionId, string? ticket, CancellationToken cancellationToken)
    {
        var request = Call(HttpMethod.Post, $"{Uri.EscapeDataString(sessionId)}/end", playerId);
        if (ticket is not null)
        {
            request.Headers.TryAddWithoutValidation(CredentialHeaders.MatchTicket, ticket);
        }

        return CallAsync(_ends, request, _limits.Call, MatchApiJson.Default.StatusResponse, cancellationToken);
    }

    public Task<ApiAnswer<StatusResponse>> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        CallAsync(_ends, Post("leave", playerId), _limits.Call, MatchApiJson.Default.StatusResponse, cancellationToken);

    public void Dispose()
    {
        _joins.Dispose();
        _ends.Dispose();
        _follows.Dispose();
        _tokens?.Dispose();
    }

    private HttpRequestMessage Get(string pathAndQuery, string playerId) => Call(HttpMethod.Get, pathAndQuery, playerId);

    private HttpRequestMessage Post(string path, string playerId)
    {
        var call = Call(HttpMethod.Post, path, playerId);
        call.Content = JsonContent.Create(new JoinRequest { PlayerId = playerId }, MatchApiJson.Default.JoinRequest);
        return call;
    }

    private HttpRequestMessage Call(HttpMethod method, string pathAndQuery, string playerId)
    {
        var call = new HttpRequestMessage(method, _baseUrl + pathAndQuery);
        if (_tokens is not null)
        {
            call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.For(playerId));
        }

        return call;
    }

    private static async Task<ApiAnswer<T>> CallAsync<T>(
        CallLane lane, HttpRequestMessage request, TimeSpan limit, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var message = request;
        var answer = await lane.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit, cancellationToken);
        if (answer.Value is not { } response)
        {
            return answer.As<T>();
        }

        using (response)
        {
            try
            {
                // The body has already arrived, so reading it does not wait.
                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                var value = await JsonSerializer.DeserializeAsync(body, type, cancellationToken);
                return value is null ? ApiAnswer<T>.Unreadable() : ApiAnswer<T>.Of(value);
            }
            catch (JsonException)
            {
                return ApiAnswer<T>.Unreadable();
            }
        }
    }
}
