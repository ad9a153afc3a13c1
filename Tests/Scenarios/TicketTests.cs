using System.Collections.Concurrent;
using System.Text.Json;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>Match tickets from the join to the seat, with real backends and game servers.</summary>
public sealed class TicketTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private static readonly StackSettings Pairs = new() { SessionSize = 2 };

    private readonly TestFolder _folder = new();
    private readonly TestTickets _old = new();
    private readonly TestTickets _new = new();

    [Fact]
    public async Task Every_answer_that_says_matched_has_a_ticket_that_gets_the_player_its_seat()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, KeyFile(_old));
        var seats = await backend.Client.JoinAndWaitAsync(["p1", "p2"], Cancelled);

        var joined = (await backend.Client.JoinAsync("p1", Cancelled)).Ok();
        var status = (await backend.Client.StatusAsync("p1", Cancelled)).Ok();
        var told = await FirstEventAsync(backend.Client, "p1");
        string[] tickets = [joined.Text("ticket"), status.Text("ticket"), told.GetProperty("ticket").GetString()!];
        Assert.Equal(3, tickets.Select(ticket => TestTickets.Decode(ticket, 1).GetProperty("jti").GetString()).Distinct().Count());
        foreach (var ticket in tickets)
        {
            await using var client = await LineClient.ConnectAsync(seats[0], Cancelled);
            Assert.Matches("^JOINED [01] p1$", await client.AskAsync($"JOIN {ticket}"));
            Assert.Equal("DENIED replayed", await client.AskAsync($"JOIN {ticket}"));
        }
    }

    [Fact]
    public async Task Without_a_key_no_answer_has_a_ticket()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs);
        await backend.Client.JoinAndWaitAsync(["p1", "p2"], Cancelled);

        Assert.DoesNotContain("ticket", (await backend.Client.JoinAsync("p1", Cancelled)).Ok().Raw, StringComparison.Ordinal);
        Assert.DoesNotContain("ticket", (await backend.Client.StatusAsync("p1", Cancelled)).Ok().Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_knows_nothing_of_tickets_plays_as_ever()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, KeyFile(_old));
        var seats = await backend.Client.JoinAndWaitAsync(["p1", "p2"], Cancelled);
        await using var first = await LineClient.ConnectAsync(seats[0], Cancelled);
        await using var second = await LineClient.ConnectAsync(seats[1], Cancelled);

        Assert.Equal("STATE open", await second.AskAsync("GET_STATE"));
        await first.SendLineAsync("REQUEST_MATCH 1");

        Assert.Equal(["RUNNING_LENGTH 1", "STATE running", "STATE stop"], await first.ReadToEndAsync());
        Assert.Equal(["STATE running", "STATE stop"], await second.ReadToEndAsync());
        await backend.Client.WaitUntilEndedAsync("p1", Cancelled);
    }

    [Fact]
    public async Task Where_tickets_are_required_nobody_plays_without_one()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, KeyFile(_old), ("GameServers__Tickets", "Required"));
        var seats = await backend.Client.JoinAndWaitAsync(["p1", "p2"], Cancelled);
        await backend.WaitForLineAsync("any client can get any player's ticket");
        await using var stranger = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("DENIED no_ticket", await stranger.AskAsync("REQUEST_MATCH 1"));

        await using var member = await LineClient.ConnectAsync(seats[0], Cancelled);
        await member.SendLineAsync($"JOIN {(await backend.Client.StatusAsync("p1", Cancelled)).Ok().Text("ticket")}");
        Assert.StartsWith("JOINED ", await member.ReadLineAsync());
        await member.SendLineAsync("REQUEST_MATCH 1");
        Assert.Equal(["RUNNING_LENGTH 1", "STATE running", "STATE stop"], await member.ReadToEndAsync());
        await stranger.ReadToEndAsync();
    }

    [Fact]
    public async Task Required_tickets_without_a_key_are_an_error_at_the_start()
    {
        await using var stores = await CreateStoresAsync();
        var settings = BackendProcess.Environment("backend", stores, Pairs, ("GameServers__Tickets", "Required"));
        await using var program = RunningProgram.Start("Backend", settings);

        Assert.Equal(78, await program.WaitForExitAsync("refusing its settings", Waits.Patient));
        Assert.Contains("Tickets__KeyFile", Assert.Single(program.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_match_of_another_backend_and_of_its_memory_has_tickets_too()
    {
        await using var stores = await CreateStoresAsync();
        await using var maker = await stores.StartBackendAsync("maker", Pairs, KeyFile(_old));
        await using var other = await stores.StartBackendAsync("other", Pairs, KeyFile(_old), ("GameServers__Standby", "0"));
        var seats = await maker.Client.JoinAndWaitAsync(["p1", "p2"], Cancelled);

        await using var client = await LineClient.ConnectAsync(seats[0], Cancelled);
        var ticket = (await other.Client.StatusAsync("p1", Cancelled)).Ok().Text("ticket");
        Assert.Matches("^JOINED [01] p1$", await client.AskAsync($"JOIN {ticket}"));

        var alone = BackendProcess.Environment("alone", stores, Pairs, KeyFile(_old));
        alone.Remove("ConnectionStrings__redis");
        alone["ConnectionStrings__redis"] = null;
        await using var program = RunningProgram.Start("Backend", alone);
        using var players = new ContractClient(await program.WaitUntilListeningAsync());
        var places = await players.JoinAndWaitAsync(["m1", "m2"], Cancelled);
        await using var member = await LineClient.ConnectAsync(places[0], Cancelled);
        ticket = (await players.StatusAsync("m1", Cancelled)).Ok().Text("ticket");
        Assert.Matches("^JOINED [01] m1$", await member.AskAsync($"JOIN {ticket}"));
    }

    [Fact]
    public async Task A_rotation_of_the_key_under_load_refuses_nobody()
    {
        await using var stores = await CreateStoresAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var backends = new ConcurrentDictionary<string, BackendProcess>(StringComparer.Ordinal);
        using var one = new SemaphoreSlim(1); // Pairs that join at the same time would be mixed.
        var finished = 0;

        // Long matches, so that some are played across every step of the rotation.
        async Task PlayAsync(int pair)
        {
            for (var round = 0; !enough.IsCancellationRequested; round++)
            {
                string[] players = [$"p{pair}-{round}-a", $"p{pair}-{round}-b"];
                await one.WaitAsync(Cancelled);
                Seat[] seats;
                try
                {
                    seats = await Any(backends, round).JoinAndWaitAsync(players, Cancelled);
                }
                finally
                {
                    one.Release();
                }

                for (var again = 0; again < 4; again++)
                {
                    foreach (var seat in seats)
                    {
                        var api = Any(backends, again);
                        var status = await ContractClient.OkAsync(() => api.StatusAsync(seat.Player, Cancelled));
                        var ticket = status.Text("ticket");
                        await using var client = await LineClient.ConnectAsync(seat, Cancelled);
                        Assert.Matches("^JOINED [01] p", await client.AskAsync($"JOIN {ticket}"));
                    }

                    await Task.Delay(TimeSpan.FromSeconds(0.7), Cancelled);
                }

                await ContractClient.OkAsync(() => Any(backends, round).EndAsync(seats[0].SessionId, Cancelled));
                Interlocked.Increment(ref finished);
            }
        }

        // The servers of a process fleet end with their backend, so the backends that are replaced make no matches.
        await using var host = await stores.StartBackendAsync("host", Pairs, KeyFile(_new, _old));
        backends["host"] = host;
        await using (var left = await stores.StartBackendAsync("left", Pairs, KeyFile(_old)))
        {
            backends["left"] = left;
            var playing = Enumerable.Range(0, 8).Select(PlayAsync).ToArray();
            await Eventually.IsAsync("matches before the rotation", _ => Task.FromResult(finished > 4), Waits.Start);

            await using var right = await stores.StartBackendAsync("right", Pairs, KeyFile(_new, _old));
            backends["right"] = right;
            var before = finished;
            await Eventually.IsAsync("matches with both", _ => Task.FromResult(finished > before + 8), Waits.Start);

            await enough.CancelAsync();
            await Task.WhenAll(playing);
        }
    }

    [Fact]
    public async Task The_load_tester_takes_its_seats()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, KeyFile(_old), ("GameServers__Tickets", "Required"));
        await using var proxy = await ProxyProcess.StartAsync(backend.Root);

        await LoadTesterRun.PlayAsync(proxy.Root, clients: 10);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _folder.Dispose();
            _old.Dispose();
            _new.Dispose();
        }

        base.Dispose(disposing);
    }

    private static ContractClient Any(ConcurrentDictionary<string, BackendProcess> backends, int number)
    {
        var all = backends.Values.ToArray();
        return all[number % all.Length].Client;
    }

    private static async Task<JsonElement> FirstEventAsync(ContractClient client, string player)
    {
        await foreach (var change in client.EventsAsync(player, TestContext.Current.CancellationToken))
        {
            return change;
        }

        throw new InvalidDataException("There was no event.");
    }

    private (string Name, string Value) KeyFile(params TestTickets[] keys)
    {
        var files = keys.Select(key =>
        {
            var file = Path.Combine(_folder.Path, key.Key.Id);
            File.WriteAllText(file, key.PrivatePem);
            return file;
        });
        return ("Tickets__KeyFile", string.Join(',', files));
    }
}
