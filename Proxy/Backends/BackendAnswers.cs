using System.Net;
using System.Net.Http.Headers;
using GameStack.Contracts.Api;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Takes answers only from backends, by their <see cref="BackendMark"/>. Kubernetes may have given the address of a backend that is gone to
/// another program, even to a proxy, whose 404 would look like a backend's. Without the mark, a call or a probe fails as if the connection
/// had broken, except for what a backend's server refuses before the backend sees it, which is the caller's mistake. Clients do not get
/// the mark.
/// </summary>
internal sealed partial class BackendAnswers(HttpMessageHandler connections, ILogger<BackendAnswers> logger)
    : DelegatingHandler(connections)
{
    /// <summary>More than a stack has backends. Beyond it, addresses are named again.</summary>
    private const int MostStrangers = 1_000;

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

        var isOfServer = IsOfServerItself(answer);
        answer.Dispose();
        var backend = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        if (isOfServer && await AnswersProbesAsync(backend, cancellationToken))
            return Refusal(answer.StatusCode);

        Meet(request.RequestUri.Authority);
        throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The answer has no header {BackendMark.Header}.");
    }

    /// <summary>What the server answers to a request that it cannot read: nothing but a status, and the connection is over.</summary>
    private static bool IsOfServerItself(HttpResponseMessage answer) =>
        (int)answer.StatusCode is >= 400 and < 500
        && answer.Content.Headers.ContentLength == 0
        && answer.Headers.ConnectionClose == true;

    private async Task<bool> AnswersProbesAsync(string backend, CancellationToken cancellationToken)
    {
        using var probe = BackendProbes.For(backend);
        using var answer = await base.SendAsync(probe, cancellationToken);
        return answer.Headers.Contains(BackendMark.Header);
    }

    private static HttpResponseMessage Refusal(HttpStatusCode status) => new(status)
    {
        Content = JsonContent.Create(
            new ProblemDetails
            {
                Status = (int)status,
                Title = ReasonPhrases.GetReasonPhrase((int)status),
                Detail = "The backend's server cannot read this call.",
            },
            new MediaTypeHeaderValue("application/problem+json")),
    };

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
            if (_strangers.Count == MostStrangers)
                _strangers.Clear();
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
