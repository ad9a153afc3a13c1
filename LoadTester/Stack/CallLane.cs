using GameStack.ServiceDefaults.Timing;

namespace GameStack.LoadTester.Stack;

/// <summary>
/// Connections for calls of one kind, so that calls of one kind never wait for calls of another. The width of the lane limits how many
/// calls run at once; the others wait their turn.
/// </summary>
internal sealed class CallLane : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;

    /// <summary>
    /// Short, but longer than a polling player's interval. Players who no longer wait need the sockets for their matches.
    /// </summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpClient _client;
    private readonly SemaphoreSlim? _free;

    /// <param name="width">How many calls may run at once; null for no limit.</param>
    public CallLane(int? width)
    {
        _free = width is { } calls ? new SemaphoreSlim(calls) : null;
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = IdleTimeout,
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = PlayerSocket.OpenAsync,
        };
        _client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>
    /// Returns the answer with its body, or with its headers only. A fault is a value; only the caller's own cancellation is thrown. The
    /// limit counts from the moment when the call has its turn, because a call that waits here does not wait for the server.
    /// </summary>
    public async Task<ApiAnswer<HttpResponseMessage>> SendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, TimeSpan limit, CancellationToken cancellationToken)
    {
        await (_free?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
        using var deadline = new TimeLimit(limit, TimeProvider.System, cancellationToken);
        try
        {
            var response = await _client.SendAsync(request, completion, deadline.Token);
            if (response.IsSuccessStatusCode)
            {
                return ApiAnswer<HttpResponseMessage>.Of(response);
            }

            using (response)
            {
                return ApiAnswer<HttpResponseMessage>.Refused(response.StatusCode, CallRetries.Asked(response.Headers.RetryAfter));
            }
        }
        catch (OperationCanceledException) when (deadline.HasExpired)
        {
            return ApiAnswer<HttpResponseMessage>.Unanswered($"no answer in {limit.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException exception)
        {
            var fault = NetworkFault.Describe(exception);
            return NetworkFault.IsUnreached(exception)
                ? ApiAnswer<HttpResponseMessage>.Unreached(fault)
                : ApiAnswer<HttpResponseMessage>.Unanswered(fault);
        }
        finally
        {
            _free?.Release();
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _free?.Dispose();
    }
}
