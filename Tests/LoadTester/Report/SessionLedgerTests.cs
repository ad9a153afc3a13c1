using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;

namespace GameStack.Tests.LoadTester.Report;

public sealed class SessionLedgerTests
{
    private readonly SessionLedger _ledger = new();

    [Fact]
    public void Sizes_count_the_clients_of_each_match()
    {
        Add("p1", "a");
        Add("p2", "a");
        Add("p3", "a");
        Add("p4", "b");

        var figures = _ledger.Figures();

        Assert.Equal((2, 1, 2.0, 3), (figures.Matches, figures.SmallestSize, figures.AverageSize, figures.LargestSize));
        Assert.Empty(figures.Violations);
    }

    [Fact]
    public void Without_a_match_there_are_no_sizes()
    {
        Assert.Equal(0, _ledger.Figures().Matches);
    }

    [Fact]
    public void One_session_at_two_addresses_cannot_be()
    {
        Add("p1", "a", port: 1);

        Assert.Equal("match at two addresses", Add("p2", "a", port: 2));
        var violation = Assert.Single(_ledger.Figures().Violations);
        Assert.Contains("host:2", violation, StringComparison.Ordinal);
        Assert.Contains("host:1", violation, StringComparison.Ordinal);
    }

    [Fact]
    public void More_clients_than_players_cannot_be()
    {
        Assert.Null(Add("p1", "a"));
        Assert.Null(Add("p2", "a", players: ["p1", "p2"]));
        Assert.Equal("more players than the match lists", Add("p3", "a"));
    }

    [Fact]
    public void A_player_who_is_not_on_the_list_cannot_be()
    {
        Assert.Equal("not among the match's players", Add("p1", "a", players: ["p2", "p3"]));
    }

    [Fact]
    public void One_session_with_two_lists_cannot_be()
    {
        Assert.Null(Add("p1", "a", players: ["p1", "p2"]));
        Assert.Equal("match with two player lists", Add("p2", "a", players: ["p2", "p3"]));
    }

    [Fact]
    public void The_order_of_a_list_does_not_matter()
    {
        Assert.Null(Add("p1", "a", players: ["p1", "p2"]));
        Assert.Null(Add("p2", "a", players: ["p2", "p1"]));
    }

    private string? Add(string playerId, string sessionId, int port = 1, string[]? players = null) =>
        _ledger.Add(playerId, new MatchAddress(sessionId, "host", port, players));
}
