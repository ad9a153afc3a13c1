using System.Text;
using GameStack.Contracts.Tickets;
using GameStack.GameServer;
using GameStack.GameServer.Matches;
using GameStack.GameServer.Seats;
using GameStack.GameServer.Sessions;
using GameStack.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.GameServer.Matches;

/// <summary>When a match whose players have seats goes on, and when it is over.</summary>
public sealed class MatchSeatsTests : IDisposable
{
    private static readonly MatchLimits Limits = new(Empty: TimeSpan.FromSeconds(60), Open: TimeSpan.FromHours(24));
    private static readonly Guid MatchId = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly TestTickets _tickets = new();
    private readonly HeardClient _first = new();
    private readonly HeardClient _second = new();
    private readonly HeardClient _guest = new();
    private Match _match;

    public MatchSeatsTests() => _match = Open(required: false);

    public void Dispose() => _tickets.Dispose();

    [Fact]
    public void A_running_match_keeps_the_seats_of_lost_connections_for_15_seconds()
    {
        Assert.Equal(TicketRefusal.None, Join("p1", _first));
        _match.TryRequest(1000, _first);
        _match.Leave(_first);

        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(MatchState.Running, _match.State);
        Assert.Equal(TicketRefusal.None, Join("p1", _second));
        _time.Advance(TimeSpan.FromSeconds(500));
        Assert.Equal(MatchState.Running, _match.State);

        _match.Leave(_second);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void A_running_match_goes_on_while_one_member_is_there()
    {
        Join("p1", _first);
        Join("p2", _second);
        _match.TryRequest(1000, _first);

        _match.Leave(_first);
        _time.Advance(TimeSpan.FromSeconds(500));

        Assert.Equal(MatchState.Running, _match.State);
    }

    [Fact]
    public void A_running_match_stops_when_its_last_member_leaves_for_good()
    {
        Join("p1", _first);
        Join("p2", _second);
        _match.TryRequest(1000, _first);

        _match.GiveUpSeat(_first);
        _match.Leave(_first);
        Assert.Equal(MatchState.Running, _match.State);
        _match.GiveUpSeat(_second);

        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void A_member_who_leaves_for_good_leaves_the_match_to_one_who_may_come_back()
    {
        Join("p1", _first);
        Join("p2", _second);
        _match.TryRequest(1000, _first);
        _match.Leave(_first);

        _match.GiveUpSeat(_second);
        Assert.Equal(MatchState.Running, _match.State);

        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void An_open_match_waits_for_those_who_have_not_come_yet()
    {
        Join("p1", _first);
        _match.GiveUpSeat(_first);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(MatchState.Open, _match.State);

        Assert.Equal(TicketRefusal.None, Join("p2", _second));
        _match.GiveUpSeat(_second);

        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void An_open_match_that_all_have_joined_keeps_lost_seats_no_longer_than_a_running_one()
    {
        Join("p1", _first);
        Join("p2", _second);
        _match.Leave(_first);
        _match.Leave(_second);
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(MatchState.Open, _match.State);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void A_guest_has_a_say_until_the_first_member_has_come()
    {
        _match.TryJoin(_guest);
        Join("p1", _first);

        Assert.False(_match.TryRequest(10, _guest));
        Assert.True(_match.TryRequest(20, _first));
        Assert.Equal(20, _match.RunningLength);

        _match.AnnounceRunning();
        Assert.Equal(["running"], _guest.Told);
    }

    [Fact]
    public void Guests_alone_play_as_without_tickets()
    {
        _match.TryJoin(_guest);
        Assert.True(_match.TryRequest(10, _guest));
        _match.Leave(_guest);

        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void Guests_do_not_keep_a_match_alive_whose_members_are_gone()
    {
        _match.TryJoin(_guest);
        Join("p1", _first);
        _match.TryRequest(1000, _first);
        _match.Leave(_first);
        _match.TryJoin(_second);
        _time.Advance(TimeSpan.FromSeconds(10));
        _match.Leave(_second);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(MatchState.Stop, _match.State);
        Assert.Equal(["running", "stop"], _guest.Told);
    }

    [Fact]
    public void The_connection_that_lost_its_seat_to_another_has_no_say()
    {
        Join("p1", _first);
        Assert.Equal(TicketRefusal.None, Join("p1", _second, out var displaced));

        Assert.Same(_first, displaced);
        Assert.False(_match.TryRequest(10, _first));
        _match.TryRequest(1000, _second);
        _match.Leave(_first);
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(MatchState.Running, _match.State);
    }

    [Fact]
    public void A_ticket_counts_once_for_as_long_as_it_is_valid()
    {
        var ticket = Read(_tickets.Make("p1", MatchId, issuedAt: _time.GetUtcNow()));
        Assert.Equal(TicketRefusal.None, _match.TakeSeat(ticket, _first, out _, out _));

        _time.Advance(TimeSpan.FromSeconds(359));
        Assert.Equal(TicketRefusal.Replayed, _match.TakeSeat(ticket, _second, out _, out _));
    }

    [Fact]
    public void The_used_tickets_that_are_remembered_have_a_bound_and_are_forgotten_when_they_expire()
    {
        for (var i = 0; i < 128; i++)
        {
            Assert.Equal(TicketRefusal.None, Join("p1", _first));
        }

        Assert.Equal(TicketRefusal.TooMany, Join("p1", _first));
        Assert.Equal(TicketRefusal.None, Join("p2", _second));

        _time.Advance(TimeSpan.FromSeconds(361));
        Assert.Equal(TicketRefusal.None, Join("p1", _first));
    }

    [Fact]
    public void A_connection_has_one_seat()
    {
        Join("p1", _first);

        Assert.Equal(TicketRefusal.Seated, Join("p2", _first));
    }

    [Fact]
    public void Where_tickets_are_required_an_open_match_ends_without_members_whatever_else_happens()
    {
        _match = Open(required: true);
        Assert.False(_match.TryRequest(10, _guest));

        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(MatchState.Stop, _match.State);
    }

    [Fact]
    public void A_key_of_another_backend_may_be_added()
    {
        using var others = new TestTickets();
        var token = Encoding.ASCII.GetBytes(others.Make("p1", MatchId, issuedAt: _time.GetUtcNow()));
        Assert.Equal(TicketRefusal.UnknownKey, _match.Seats!.Read(token, out _));

        _match.Seats.AddKeys([others.Key, _tickets.Key]);

        Assert.Equal(TicketRefusal.None, _match.Seats.Read(token, out _));
        Assert.NotNull(Read(_tickets.Make("p1", MatchId, issuedAt: _time.GetUtcNow())));
    }

    private Match Open(bool required)
    {
        Assert.True(Roster.TryParse("""["p1","p2"]"""u8, out var roster));
        var terms = _tickets.Terms() with { Required = required };
        var match = new Match(Limits, _time, new StateLog(Stream.Null), () => { });
        match.TryOpen(new SeatTable(new Session(MatchId, roster) { Tickets = terms }, terms, _time));
        return match;
    }

    private TicketRefusal? Join(string player, HeardClient client) => Join(player, client, out _);

    private TicketRefusal? Join(string player, HeardClient client, out IMatchClient? displaced) =>
        _match.TakeSeat(Read(_tickets.Make(player, MatchId, issuedAt: _time.GetUtcNow())), client, out _, out displaced);

    private MatchTicket Read(string token)
    {
        Assert.Equal(TicketRefusal.None, _match.Seats!.Read(Encoding.ASCII.GetBytes(token), out var ticket));
        return ticket!;
    }
}
