using System.Net;
using System.Net.Sockets;
using GameStack.Contracts;
using GameStack.GameServer.Settings;

namespace GameStack.Tests.GameServer.Settings;

public sealed class ServerSettingsTests
{
    [Theory]
    [InlineData(GameServerSettings.SessionId, "p1")]
    [InlineData(GameServerSettings.Port, "http")]
    [InlineData(GameServerSettings.Port, "65536")]
    [InlineData(GameServerSettings.Port, "-1")]
    [InlineData(GameServerSettings.ControlPort, "1.5")]
    [InlineData(GameServerSettings.Players, "p1,p2")]
    [InlineData(GameServerSettings.Players, """{"p1":1}""")]
    [InlineData(GameServerSettings.Players, "[1]")]
    [InlineData(GameServerSettings.ListenAddress, "localhost:1")]
    [InlineData(GameServerSettings.ListenAddress, "1")]
    [InlineData(GameServerSettings.ListenAddress, "[::1]:80")]
    [InlineData(GameServerSettings.ConnectTimeoutSeconds, "soon")]
    [InlineData(GameServerSettings.OpenTimeoutSeconds, "0")]
    [InlineData(GameServerSettings.StopWithParent, "yes")]
    public async Task A_wrong_setting_is_named_in_one_line_and_the_exit_code_is_78(string name, string value)
    {
        await using var server = GameServerProcess.Start((GameServerSettings.SessionId, Guid.NewGuid().ToString()), (name, value));

        Assert.Equal(78, await server.ExitAsync());
        Assert.Null(await server.ReadLineAsync());
        var error = Assert.Single((await server.ReadErrorsAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"{name} is \"{value}\"; expected ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData(" ::1\n")]
    public void A_server_may_listen_on_an_IPv6_address(string text)
    {
        var (settings, error) = ServerSettings.Read(name => name switch
        {
            GameServerSettings.ControlPort => "0",
            GameServerSettings.ListenAddress => text,
            _ => null,
        });

        Assert.Null(error);
        Assert.Equal(IPAddress.IPv6Loopback, settings!.GameEndPoint.Address);
    }

    [Fact]
    public async Task A_server_that_could_never_have_a_session_says_so()
    {
        await using var server = GameServerProcess.Start();

        Assert.Equal(78, await server.ExitAsync());
        Assert.Contains(GameServerSettings.SessionId, await server.ReadErrorsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GameServerSettings.Port)]
    [InlineData(GameServerSettings.ControlPort)]
    public async Task A_port_that_is_taken_is_one_line_and_exit_code_1(string name)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var server = GameServerProcess.Start((GameServerSettings.SessionId, Guid.NewGuid().ToString()), (name, $"{port}"));

        Assert.Equal(1, await server.ExitAsync());
        Assert.Null(await server.ReadLineAsync());
        var error = Assert.Single((await server.ReadErrorsAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_standby_servers_with_one_port_do_not_both_get_it()
    {
        await using var first = await GameServerProcess.StartStandbyAsync();
        await using var second = await GameServerProcess.StartStandbyAsync((GameServerSettings.Port, $"{first.GamePort}"));
        await using var controlOfFirst = await first.ConnectControlAsync();
        await using var controlOfSecond = await second.ConnectControlAsync();
        Assert.Equal("OK", await controlOfFirst.AskAsync($"ASSIGN {Guid.NewGuid()} []"));

        await controlOfSecond.SendAsync($"ASSIGN {Guid.NewGuid()} []\n");

        Assert.Equal(["UNKNOWN"], await controlOfSecond.ReadToEndAsync());
        Assert.Equal("stop: another process listens on the game port", await second.ReadLineAsync());
    }
}
