using GameStack.Backend.Tickets;

namespace GameStack.Tests.Backend.Tickets;

public sealed class MatchAdmissionTests
{
    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7:8080")]
    [InlineData("fd00::7", "[fd00::7]:8080")]
    [InlineData("game.example.com", "game.example.com:8080")]
    public void What_is_written_is_read_back(string host, string address)
    {
        var admission = MatchAdmission.At("game-server-1", host, 8080);
        Assert.Equal(address, admission.Address);
        Assert.Equal((host, 8080), admission.HostAndPort);
        Assert.Equal(admission, MatchAdmission.Parse(admission.ToString(), admission.Seats));

        var signed = admission with { KeyIds = "k1,k2" };
        Assert.Equal(signed, MatchAdmission.Parse(signed.ToString(), seats: null));

        var withSeats = signed with { Seats = "1,2" };
        Assert.Equal(withSeats, MatchAdmission.Parse(withSeats.ToString(), withSeats.Seats));
    }

    [Fact]
    public void Those_who_stay_keep_their_seats()
    {
        var all = MatchAdmission.At("game-server-1", "10.0.0.7", 8080);
        Assert.Equal(1, all.SeatOf(1));

        var some = all.For(["a", "b", "c", "d"], ["b", "d"]);
        Assert.Equal((1, 3), (some.SeatOf(0), some.SeatOf(1)));

        var one = some.For(["b", "d"], ["d"]);
        Assert.Equal(3, one.SeatOf(0));
        Assert.Equal(some, some.For(["b", "d"], ["b", "d"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("game-server-1")]
    public void A_match_without_tickets_has_none(string? text) => Assert.Null(MatchAdmission.Parse(text, seats: null));
}
