using GameStack.Backend.GameServers.Processes;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class GameServerPortsTests
{
    [Fact]
    public void The_ready_line_names_both_ports() =>
        Assert.Equal(new GameServerPorts(41234, 65535), GameServerPorts.Parse("READY 41234 65535"));

    [Theory]
    [InlineData("")]
    [InlineData("READY")]
    [InlineData("READY 1")]
    [InlineData("READY 1 0")]
    [InlineData("READY 1 65536")]
    [InlineData("READY 1 -2")]
    [InlineData("READY 1 2 3")]
    [InlineData("READYING 1 2")]
    public void Any_other_line_names_none(string line) => Assert.Null(GameServerPorts.Parse(line));
}
