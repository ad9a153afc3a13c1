using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GameStack.Contracts.MatchApi;

namespace GameStack.LoadTester.Http;

/// <summary>The match API over HTTP. What a server or a network may do wrong is a value; only the caller's own cancellation is thrown.</summary>
/// <remarks>
/// Two pools of connections. Calls that are answered at once share a bounded number: ten thousand players who join in the same
/// instant would else open ten thousand connections for one call each and measure the kernel's accept queue. Who follows a status
/// holds a connection for as long as it waits, as its real counterpart does, so that pool has no bound.
/// </remarks>
internal sealed class MatchApiClient : IDisposable
{
    private const int MaxSharedConnections = 512;
    private const int MaxAnswerBytes = 1 << 20;

    private readonly string _baseUrl;
    private readonly CallLimits _limits;
    private readonly HttpClient _calls = Connect(MaxSharedConnections);
    private readonly HttpClient _follows = Connect(int.MaxValue);

    public MatchApiClient(Uri targetUrl, CallLimits limits)
    {
        _baseUrl = targetUrl.AbsoluteUri.TrimEnd('/') + "/api/match/";
        _limits = limits;
    }

    public Task<ApiAnswer<JoinResponse>> JoinAsync(string playerId, CancellationToken cancellationToken) =>
        CallAsync(_calls, Post("join", playerId), _limits.Join, MatchApiJson.Default.JoinResponse, cancellationToken);

    /// <param name="playerId">The player who asks.</param>
    /// <param name="wait">How long the server may hold the answer until something changes; zero for the state as it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ApiAnswer<StatusResponse>> StatusAsync(string playerId, TimeSpan wait, CancellationToken cancellationToken)
    {
        var query = "status?player_id=" + Uri.EscapeDataString(playerId);
        if (wait > TimeSpan.Zero)
        {
            query += $"&wait={(int)wait.TotalSeconds}";
        }

        return CallAsync(_follows, Get(query), _limits.Call + wait, MatchApiJson.Default.StatusResponse, cancellationToken);
    }

    /// <summary>Every status that the server tells, until it ends the stream; a fault is the last element.</summary>
    public async IAsyncEnumerable<ApiAnswer<StatusResponse>> EventsAsync(
        string playerId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Get("events?player_id=" + Uri.EscapeDataString(playerId));
        request.Headers.Accept.ParseAdd("text/event-stream");
        var opened = await OpenAsync(request, cancellationToken);
        if (opened.Value is not { } response)
        {
            yield return ApiAnswer<StatusResponse>.Unanswered(opened.Fault!);
            yield break;
        }

        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                yield return ApiAnswer<StatusResponse>.Refused(response.StatusCode, RetryAfter(response));
                yield break;
            }

            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            await using var events = SseParser.Create(stream, (_, data) => ReadStatus(data))
                .EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(events) is { } answer)
            {
                yield return answer;
            }
        }
    }

    public Task<ApiAnswer<StatusResponse>> EndAsync(string sessionId, CancellationToken cancellationToken) =>
        CallAsync(
            _calls, new HttpRequestMessage(HttpMethod.Post, $"{_baseUrl}{Uri.EscapeDataString(sessionId)}/end"), _limits.Call,
            MatchApiJson.Default.StatusResponse, cancellationToken);

    public Task<ApiAnswer<StatusResponse>> LeaveAsync(string playerId, CancellationToken cancellationToken) =>
        CallAsync(_calls, Post("leave", playerId), _limits.Call, MatchApiJson.Default.StatusResponse, cancellationToken);

    public void Dispose()
    {
        _calls.Dispose();
        _follows.Dispose();
    }

    private static HttpClient Connect(int maxConnections) =>
        new(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = maxConnections,
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };

    private HttpRequestMessage Get(string pathAndQuery) => new(HttpMethod.Get, _baseUrl + pathAndQuery);

    private HttpRequestMessage Post(string path, string playerId) =>
        new(HttpMethod.Post, _baseUrl + path)
        {
            Content = JsonContent.Create(new JoinRequest { PlayerId = playerId }, MatchApiJson.Default.JoinRequest),
        };

    private static async Task<ApiAnswer<T>> CallAsync<T>(
        HttpClient client, HttpRequestMessage request, TimeSpan limit, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var message = request;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, deadline.Token);
            if (!response.IsSuccessStatusCode)
            {
                return ApiAnswer<T>.Refused(response.StatusCode, RetryAfter(response));
            }

            var value = await response.Content.ReadFromJsonAsync(type, deadline.Token);
            return value is null ? ApiAnswer<T>.Unreadable() : ApiAnswer<T>.Of(value);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ApiAnswer<T>.Unanswered($"no answer in {limit.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            return ApiAnswer<T>.Unanswered(NetworkFault.Describe(exception));
        }
        catch (JsonException)
        {
            return ApiAnswer<T>.Unreadable();
        }
    }

    private async Task<ApiAnswer<HttpResponseMessage>> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_limits.Call);
        try
        {
            return ApiAnswer<HttpResponseMessage>.Of(
                await _follows.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ApiAnswer<HttpResponseMessage>.Unanswered($"no answer in {_limits.Call.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            return ApiAnswer<HttpResponseMessage>.Unanswered(NetworkFault.Describe(exception));
        }
    }

    /// <summary>Null at the end of the stream.</summary>
    private static async Task<ApiAnswer<StatusResponse>?> NextAsync(IAsyncEnumerator<SseItem<StatusResponse?>> events)
    {
        try
        {
            if (!await events.MoveNextAsync())
            {
                return null;
            }

            return events.Current.Data is { } status ? ApiAnswer<StatusResponse>.Of(status) : ApiAnswer<StatusResponse>.Unreadable();
        }
        catch (HttpRequestException exception)
        {
            return ApiAnswer<StatusResponse>.Unanswered(NetworkFault.Describe(exception));
        }
        catch (IOException)
        {
            return ApiAnswer<StatusResponse>.Unanswered("stream lost");
        }
        catch (JsonException)
        {
            return ApiAnswer<StatusResponse>.Unreadable();
        }
    }

    private static StatusResponse? ReadStatus(ReadOnlySpan<byte> data) => JsonSerializer.Deserialize(data, MatchApiJson.Default.StatusResponse);

    private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            _ => null,
        };
}
