using System.Collections.Concurrent;
using System.Net.Mime;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.LoadTester;

/// <summary>The match API as contract.md has it, over real HTTP, with faults on request; written without the product's types.</summary>
internal sealed class ContractStack : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ContractStackOptions _options;
    private readonly Lock _lock = new();
    private readonly List<string> _waiting = [];
    private readonly Dictionary<string, TaskCompletionSource<Told>> _players = [];
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly ConcurrentDictionary<string, int> _joins = new();
    private readonly ConcurrentDictionary<string, int> _statusCalls = new();
    private readonly ConcurrentDictionary<string, int> _streams = new();
    private readonly ConcurrentBag<ContractGame> _games = [];
    private readonly Channel<string> _queued = Channel.CreateUnbounded<string>();
    private int _tickets;

    private ContractStack(ContractStackOptions options)
    {
        _options = options;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Use(RefuseAsync);
        _app.MapPost("/api/match/join", (Delegate)JoinAsync);
        _app.MapPost("/api/match/leave", (Delegate)Leave);
        _app.MapGet("/api/match/status", (Delegate)StatusAsync);
        _app.MapGet("/api/match/events", EventsAsync);
        _app.MapPost("/api/match/{sessionId}/end", End);
    }

    public string Url => _app.Urls.Single();

    public ConcurrentBag<string> Left { get; } = [];

    public ConcurrentBag<string> Ended { get; } = [];

    /// <summary>The ticket of each call that ends a match; empty without one.</summary>
    public ConcurrentQueue<string> EndTickets { get; } = [];

    /// <summary>The <c>traceparent</c> of each player's last join.</summary>
    public ConcurrentDictionary<string, string> JoinTraces { get; } = new();

    /// <summary>The queries of all status calls, <c>player_id</c> left out.</summary>
    public ConcurrentBag<string> StatusQueries { get; } = [];

    /// <summary>When each call came, by the end of its path.</summary>
    public ConcurrentQueue<(string Call, DateTimeOffset At)> Calls { get; } = [];

    public int EventStreams => _streams.Values.Sum();

    public static async Task<ContractStack> StartAsync(ContractStackOptions options)
    {
        var stack = new ContractStack(options);
        await stack._app.StartAsync(TestContext.Current.CancellationToken);
        return stack;
    }

    /// <summary>The next player who was put in the queue.</summary>
    public async Task<string> NextQueuedAsync() =>
        await _queued.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var game in _games)
            await game.DisposeAsync();
    }

    private async Task RefuseAsync(HttpContext http, RequestDelegate next)
    {
        var name = http.Request.Path.Value!.Split('/')[^1];
        Calls.Enqueue((name, DateTimeOffset.UtcNow));
        var call = _calls.AddOrUpdate(name, 0, (_, calls) => calls + 1);
        if (!_options.Refusals.TryGetValue(name, out var refusals) || call >= refusals.Length)
        {
            await next(http);
        }
        else if (refusals[call] == Refusal.Cut)
        {
            http.Response.Body = Stream.Null;
            await next(http);
            http.Abort();
        }
        else
        {
            http.Response.StatusCode = refusals[call].Status;
            http.Response.Headers.RetryAfter = refusals[call].RetryAfter;
        }
    }

    private async Task<IResult> JoinAsync(HttpContext http)
    {
        var body = await http.Request.ReadFromJsonAsync<Dictionary<string, string>>();
        var playerId = body!["player_id"];
        JoinTraces[playerId] = http.Request.Headers.TraceParent.ToString();
        var call = _joins.AddOrUpdate(playerId, 0, (_, calls) => calls + 1);
        if (call < _options.JoinRefusals.Length)
        {
            var (status, retryAfter) = _options.JoinRefusals[call];
            if (retryAfter is not null)
                http.Response.Headers.RetryAfter = $"{retryAfter}";
            return Results.StatusCode(status);
        }

        var told = Queue(playerId);
        _queued.Writer.TryWrite(playerId);
        return told.Task.IsCompletedSuccessfully
            ? Results.Json(Joined(await told.Task))
            : Results.Json(new { session_id = $"pending:{playerId}", players = (string[])[playerId], connect_host = "", connect_port = 0 });
    }

    private TaskCompletionSource<Told> Queue(string playerId)
    {
        lock (_lock)
        {
            if (_players.TryGetValue(playerId, out var known))
                return known;

            var told = _players[playerId] = new TaskCompletionSource<Told>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(playerId);
            if (_waiting.Count == _options.SessionSize && !_options.NeverMatch)
                Match();
            return told;
        }
    }

    private void Match()
    {
        var sessionId = Guid.NewGuid().ToString();
        var game = new ContractGame(_waiting.Count, _options.Game, _options.MayStop);
        _games.Add(game);
        string[] players = [.. _waiting];
        for (var i = 0; i < players.Length; i++)
        {
            var host = _options.ManyAddresses ? $"127.0.0.{i + 1}" : _options.ConnectHost;
            _players[players[i]].SetResult(new Told(sessionId, players, host, game.Port));
        }

        _waiting.Clear();
    }

    private async Task<IResult> StatusAsync(HttpContext http)
    {
        var playerId = http.Request.Query["player_id"].ToString();
        StatusQueries.Add(
            string.Join('&', http.Request.Query.Where(pair => pair.Key != "player_id").Select(pair => $"{pair.Key}={pair.Value}")));
        var call = _statusCalls.AddOrUpdate(playerId, 0, (_, calls) => calls + 1);
        if (call < _options.StatusRefusals.Length)
            return Results.StatusCode(_options.StatusRefusals[call]);

        var told = _players[playerId].Task;
        if (!_options.IgnoreWait && int.TryParse(http.Request.Query["wait"], out var wait))
            await Task.WhenAny(told, Task.Delay(TimeSpan.FromSeconds(wait), http.RequestAborted));
        return told.IsCompletedSuccessfully
            ? Results.Json(Matched(told.Result))
            : Results.Json(new { status = "pending" });
    }

    private async Task EventsAsync(HttpContext http)
    {
        var playerId = http.Request.Query["player_id"].ToString();
        var stream = _streams.AddOrUpdate(playerId, 1, (_, streams) => streams + 1);
        http.Response.ContentType = MediaTypeNames.Text.EventStream;
        await SendEventAsync(http, """{"status":"pending"}""");
        if (stream <= _options.BrokenStreams)
            return;

        await http.Response.WriteAsync(": nothing yet\n\n", http.RequestAborted);
        var told = await _players[playerId].Task.WaitAsync(http.RequestAborted);
        await SendEventAsync(http, System.Text.Json.JsonSerializer.Serialize(Matched(told)));
    }

    private static async Task SendEventAsync(HttpContext http, string data)
    {
        await http.Response.WriteAsync($"data: {data}\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private async Task<IResult> Leave(HttpContext http)
    {
        var body = await http.Request.ReadFromJsonAsync<Dictionary<string, string>>();
        Left.Add(body!["player_id"]);
        return Results.Json(new { status = "left" });
    }

    private IResult End(HttpContext http, string sessionId)
    {
        Ended.Add(sessionId);
        EndTickets.Enqueue(http.Request.Headers["Match-Ticket"].ToString());
        return _options.EndRefusal is { } status
            ? Results.StatusCode(status)
            : Results.Json(new { status = "ended", session_id = sessionId });
    }

    private object Joined(Told told) => new
    {
        session_id = told.SessionId,
        players = told.Players,
        connect_host = told.Host,
        connect_port = told.Port,
        ticket = TicketOf(told),
    };

    private object Matched(Told told) => new
    {
        status = "matched",
        session_id = told.SessionId,
        connect_host = told.Host,
        connect_port = told.Port,
        ticket = TicketOf(told),
    };

    private string? TicketOf(Told told) => _options.TicketFor is { } make ? make($"{told.Host}:{told.Port}")
        : _options.Tickets ? $"ticket-{Interlocked.Increment(ref _tickets)}" : null;

    private sealed record Told(string SessionId, string[] Players, string Host, int Port);
}
