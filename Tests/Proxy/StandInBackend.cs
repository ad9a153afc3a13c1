using System.Collections.Concurrent;
using System.Net;
using GameStack.Contracts.Api;
using GameStack.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Proxy;

/// <summary>A real server that records what reaches it and answers as a test tells it to.</summary>
internal sealed class StandInBackend : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly SemaphoreSlim _probes = new(0);
    private volatile bool _degraded;

    private StandInBackend(WebApplication app) => _app = app;

    /// <summary>Everything but probes.</summary>
    public IReadOnlyCollection<RecordedRequest> Requests => _requests;

    public string Address => _app.Urls.First();

    /// <param name="answer">Answers everything but probes; null for "ok".</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="isMarked">Whether its answers say that it is a backend.</param>
    /// <param name="mostHeaders">How many headers its server reads.</param>
    /// <param name="shortPort">Its port for short calls; null for none.</param>
    public static async Task<StandInBackend> StartAsync(
        RequestDelegate? answer = null, string address = "127.0.0.1:0", bool isMarked = true, int mostHeaders = 100,
        int? shortPort = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestHeaderCount = mostHeaders;
            kestrel.Limits.MaxRequestLineSize = 16 * 1024; // A backend's.
            var place = IPEndPoint.Parse(address);
            kestrel.Listen(place);
            if (shortPort is { } port)
                kestrel.Listen(place.Address, port, listener => listener.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        var backend = new StandInBackend(app);

        app.Use((context, next) =>
        {
            if (isMarked)
                context.Response.Headers[BackendMark.Header] = BackendMark.Value;
            return next(context);
        });
        app.MapGet("/health", (HttpResponse response) =>
        {
            backend._probes.Release();
            if (backend._degraded)
                response.Headers[HealthHeaders.Degraded] = "database,redis";
            return "ok";
        });
        app.Map("/cleanup/{**rest}", context => backend.RecordAsync(context, AnswerOkAsync));
        app.MapFallback("{**path}", context => backend.RecordAsync(context, answer ?? AnswerOkAsync));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return backend;
    }

    /// <summary>Completes when so many more probes have come than were waited for before.</summary>
    public async Task ProbedAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(
                await _probes.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken),
                $"Only {i} of {times} probes came.");
        }
    }

    /// <summary>From now on, probes are answered as by a backend whose Redis is usable or not, and only these count as probes.</summary>
    public void SetDegraded(bool degraded)
    {
        _degraded = degraded;
        while (_probes.Wait(TimeSpan.Zero))
        {
        }
    }

    /// <summary>
    /// Completes when the proxy knows the latest answers to its probes: it starts probing again only after it has dealt with them.
    /// </summary>
    public Task KnownAsync() => ProbedAsync(times: 2);

    /// <summary>Answers what it has, and stops.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _probes.Dispose();
    }

    private static Task AnswerOkAsync(HttpContext context) => context.Response.WriteAsync("ok");

    private async Task RecordAsync(HttpContext context, RequestDelegate answer)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        _requests.Enqueue(new RecordedRequest(
            context.Request.Method,
            $"{context.Request.Path}{context.Request.QueryString}",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body,
            context.Request.Protocol));
        await answer(context);
    }
}
