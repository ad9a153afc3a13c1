using System.Net;
using System.Net.Sockets;
using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.GameServers;

public sealed class GameServerProbeTests : IDisposable
{
    private readonly TcpListener _control = new(IPAddress.Loopback, 0);

    public GameServerProbeTests() => _control.Start();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _control.Dispose();

    [Fact]
    public async Task A_server_says_its_state_and_its_length()
    {
        var answering = AnswerAsync("OK", "STATE running", "RUNNING_LENGTH 30");

        Assert.Equal(new GameServerHealth("running", TimeSpan.FromSeconds(30)), await AskAsync());
        Assert.Equal(["AUTH secret", "GET_STATE", "GET_RUNNING_LENGTH"], await answering);
    }

    [Fact]
    public async Task A_server_that_denies_lives()
    {
        _ = AnswerAsync("DENIED");

        Assert.Equal(GameServerHealth.Untold, await AskAsync());
    }

    [Fact]
    public async Task A_real_server_with_another_key_lives()
    {
        await using var server = await GameServer.GameServerProcess.StartStandbyAsync();

        Assert.Equal(GameServerHealth.Untold, await AskAsync(server.ControlPort));
    }

    [Theory]
    [InlineData]
    [InlineData("UNKNOWN")]
    [InlineData("OK")]
    [InlineData("OK", "STATE running", "RUNNING_LENGTH soon")]
    public async Task What_is_no_answer_of_a_game_server_is_silence(params string[] answers)
    {
        _ = AnswerAsync(answers);

        Assert.Null(await AskAsync());
    }

    [Fact]
    public async Task A_server_that_says_nothing_in_time_is_silent() =>
        Assert.Null(await AskAsync(timeout: TimeSpan.FromMilliseconds(100)));

    private Task<GameServerHealth?> AskAsync(int? port = null, TimeSpan? timeout = null)
    {
        var target = new HandshakeTarget
        {
            ControlHost = "127.0.0.1",
            ControlPort = port ?? ((IPEndPoint)_control.LocalEndpoint).Port,
            ControlToken = "secret",
            PlayerHost = "127.0.0.1",
            PlayerPort = 1,
        };
        return GameServerProbe.AskAsync(target, timeout ?? TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);
    }

    /// <summary>Reads the three lines of a probe from the next connection, answers, and hangs up.</summary>
    private async Task<IReadOnlyList<string?>> AnswerAsync(params string[] answers)
    {
        using var client = await _control.AcceptTcpClientAsync(Cancellation);
        using var reader = new StreamReader(client.GetStream());
        string?[] read = [await reader.ReadLineAsync(Cancellation), await reader.ReadLineAsync(Cancellation), await reader.ReadLineAsync(Cancellation)];
        await using var writer = new StreamWriter(client.GetStream());
        await writer.WriteAsync(string.Concat(answers.Select(answer => answer + "\n")));
        return read;
    }
}
