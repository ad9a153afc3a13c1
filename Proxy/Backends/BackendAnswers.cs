using GameStack.Contracts.Api;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Takes answers only from backends, by their <see cref="BackendMark"/>. Kubernetes may have given the address of a backend that is gone to
/// another program, even to a proxy, whose 404 would look like a backend's. Without the mark, a call or a probe fails as if the connection
/// had broken. Clients do not get the mark.
/// </summary>
internal sealed partial class BackendAnswers(HttpMessageHandler connections, ILogger<BackendAnswers> logger)
    : DelegatingHandler(connections)
{
    /// <summary>The addresses whose latest answer lacked the mark.</summary>
    private readonly HashSet<string> _strangers = new(StringComparer.Ordinal);

    private volatile bool _hasStrangers;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Headers.Remove(BackendMark.Header))
        {
            if (_hasStrangers)
                Forget(request.RequestUri!.Authority);

            return answer;
        }

        answer.Dispose();
        Meet(request.RequestUri!.Authority);
        throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The answer has no header {BackendMark.Header}.");
    }

    private void Forget(string address)
    {
        lock (_strangers)
        {
            _strangers.Remove(address);
            _hasStrangers = _strangers.Count > 0;
        }
    }

    private void Meet(string address)
    {
        lock (_strangers)
        {
            _hasStrangers = true;
            if (!_strangers.Add(address))
                return;
        }

        Log.NoBackend(logger, address, BackendMark.Header);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NoBackend, LogLevel.Warning,
            "The program at {Address} is no backend of this version: its answers have no header {Header}; retrying")]
        public static partial void NoBackend(ILogger logger, string address, string header);
    }
}
