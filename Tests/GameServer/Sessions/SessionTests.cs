using System.Text;
using GameStack.GameServer.Sessions;

namespace GameStack.Tests.GameServer.Sessions;

public sealed class SessionTests
{
    private const string Id = "0b6e2a8e-6a0c-4c55-9d7e-3f7b4d5d9b11";

    [Fact]
    public void An_id_and_a_roster_are_a_session()
    {
        Assert.True(Session.TryParse(Encoding.ASCII.GetBytes($"""{Id} ["p1","p2"]"""), out var session));

        Assert.Equal(new Session(Guid.Parse(Id), new Roster("""["p1","p2"]""", 2)), session);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Id)]
    [InlineData($"{Id} ")]
    [InlineData($"{Id}x []")]
    [InlineData("1 []")]
    [InlineData($"{Id} {{}}")]
    public void Anything_else_is_no_session(string text)
    {
        Assert.False(Session.TryParse(Encoding.ASCII.GetBytes(text), out _));
    }
}
