using System.Text.Json;
using GameStack.Tests.Proxy;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>Web pages in a real browser, in front of a real proxy and real backends.</summary>
[Collection(MachineCollection.Name)]
public sealed class BrowserTests(TwoBackends shared) : IClassFixture<TwoBackends>, IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    private CancellationToken Cancelled => _within.Token;

    private ContractClient Backend => shared.Sides[0];

    public void Dispose() => _within.Dispose();

    [Fact]
    public async Task An_event_source_stops_after_the_end_of_the_match()
    {
        await using var page = await BrowserPage.StartAsync();
        await using var proxy = await StartProxyAsync($"Cors:Origins={page.Origin}");
        var seats = await Backend.JoinAndWaitAsync(Players.New("viewer", 2), Cancelled);

        var report = await page.RunAsync(
            $$"""
            const told = [];
            const events = new EventSource('{{proxy.Address}}api/match/events?player_id={{seats[0].Player}}');
            events.addEventListener('status', e => {
              told.push(JSON.parse(e.data).status);
              if (told.length == 1) fetch('{{proxy.Address}}api/match/{{seats[0].SessionId}}/end', {method: 'POST'});
            });
            events.onerror = () => {
              if (events.readyState == EventSource.CLOSED) report(told.join());
              if (told.length > 5) report('endless: ' + told.join());
            };
            """,
            Cancelled);

        Assert.Equal("matched,ended", report);
    }

    [Fact]
    public async Task A_page_of_another_origin_cannot_end_a_match_unless_it_is_listed()
    {
        var seats = await Backend.JoinAndWaitAsync(Players.New("victim", 2), Cancelled);
        var end = $"api/match/{seats[0].SessionId}/end";
        await using (var proxy = await StartProxyAsync())
        await using (var stranger = await BrowserPage.StartAsync())
        {
            // Without CORS, the browser sends the call and hides the answer.
            Assert.Equal("opaque", await stranger.RunAsync(
                $"report((await fetch('{proxy.Address}{end}', {{method: 'POST', mode: 'no-cors'}})).type)", Cancelled));
            Assert.Equal("matched", (await Backend.StatusAsync(seats[0].Player, Cancelled)).Ok().Text("status"));
        }

        await using var page = await BrowserPage.StartAsync();
        await using var open = await StartProxyAsync($"Cors:Origins={page.Origin}");
        Assert.Equal("200", await page.RunAsync($"report((await fetch('{open.Address}{end}', {{method: 'POST'}})).status)", Cancelled));
        Assert.Equal("ended", (await Backend.StatusAsync(seats[0].Player, Cancelled)).Ok().Text("status"));
    }

    [Fact]
    public async Task A_listed_page_joins_with_JSON_and_reads_when_to_try_again()
    {
        var player = Players.New("page");
        await using var page = await BrowserPage.StartAsync();
        await using var proxy = await StartProxyAsync(
            $"Cors:Origins={page.Origin}", "RateLimit:PermitsPerSecond=1", "RateLimit:Burst=1", "RateLimit:LimitLoopback=true");

        var report = await page.RunAsync(
            $$"""
            const join = () => fetch('{{proxy.Address}}api/match/join', {
              method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({player_id: '{{player}}'})});
            const joined = await (await join()).json();
            let limited = await join();
            while (limited.status != 429) limited = await join();
            report(JSON.stringify({id: joined.session_id, again: limited.headers.get('Retry-After'), ...await limited.json()}));
            """,
            Cancelled);

        using var answer = JsonDocument.Parse(report);
        Assert.Equal("pending:" + player, answer.RootElement.GetProperty("id").GetString());
        Assert.Equal("1", answer.RootElement.GetProperty("again").GetString());
        Assert.NotEmpty(answer.RootElement.GetProperty("detail").GetString()!);
        (await Backend.LeaveAsync(player, Cancelled)).Ok();
    }

    private Task<RunningProxy> StartProxyAsync(params string[] settings) =>
        RunningProxy.StartAsync([.. shared.Sides.Select(side => side.Root.ToString())], settings);
}
