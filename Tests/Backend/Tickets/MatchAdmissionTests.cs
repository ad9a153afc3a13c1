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
        Assert.Equal(admission, MatchAdmission.Parse(admission.ToString()));

        var signed = admission with { KeyIds = "k1,k2" };
        Assert.Equal(signed, MatchAdmission.Parse(signed.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("game-server-1")]
    public void A_match_without_tickets_has_none(string? text) => Assert.Null(MatchAdmission.Parse(text));
}
