using System.Globalization;
using System.Net;
using System.Text.Json;
using GameStack.Contracts;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer;

/// <summary>The built game server, run as a process of its own.</summary>
internal sealed class GameServerProcess : IAsyncDisposable
{
    public const string Token = "a token of the tests";

    private static readonly Dictionary<string, string?> Defaults = new()
    {
        [GameServerSettings.SessionId] = null,
        [GameServerSettings.Players] = null,
        [GameServerSettings.Tickets] = null,
        [GameServerSettings.ControlPort] = null,
        [GameServerSettings.ControlListenAddress] = null,
        [GameServerSettings.ControlToken] = null,
        [GameServerSettings.ControlPublicKey] = null,
        [GameServerSettings.ControlSubject] = null,
        [GameServerSettings.StopWithParent] = null,
        [GameServerSettings.ConnectTimeoutSeconds] = null,
        [GameServerSettings.OpenTimeoutSeconds] = null,
        [GameServerSettings.Port] = "0",
        [GameServerSettings.ListenAddress] = "127.0.0.1",
    };

    private readonly RunningProgram _program;

    private GameServerProcess(RunningProgram program) => _program = program;

    public int GamePort { get; private set; }

    public int ControlPort { get; private set; }

    public int Id => _program.Id;

    public static Task<GameServerProcess> StartOpenAsync(params (string Name, string Value)[] settings) =>
        ReadyAsync(Start([(GameServerSettings.SessionId, Guid.NewGuid().ToString()), .. settings]));

    public static Task<GameServerProcess> StartStandbyAsync(params (string Name, string Value)[] settings) =>
        ReadyAsync(Start([(GameServerSettings.ControlPort, "0"), (GameServerSettings.ControlToken, Token), .. settings]));

    /// <summary>An open server whose players have tickets.</summary>
    public static Task<GameServerProcess> StartSeatedAsync(
        Guid matchId, string[] players, TicketTerms terms, params (string Name, string Value)[] settings) => ReadyAsync(Start(
    [
        (GameServerSettings.SessionId, matchId.ToString()),
        (GameServerSettings.Players, JsonSerializer.Serialize(players)),
        (GameServerSettings.Tickets, terms.ToJson()),
        .. settings,
    ]));

    /// <summary>An open server that may have so many files and sockets at once, and raises a soft limit to a hard one.</summary>
    public static Task<GameServerProcess> StartOpenAsync(
        int softDescriptors, int hardDescriptors, params (string Name, string Value)[] settings) => ReadyAsync(Start(
        ["/bin/sh", "-c", $"ulimit -Sn {softDescriptors} && ulimit -Hn {hardDescriptors} && exec \"$0\"", ProductPrograms.GameServer],
        [(GameServerSettings.SessionId, Guid.NewGuid().ToString()), .. settings]));

    /// <summary>Starts it with these settings alone, whatever this process has got.</summary>
    public static GameServerProcess Start(params (string Name, string Value)[] settings) => Start([ProductPrograms.GameServer], settings);

    public Task<LineClient> ConnectAsync(int? receiveBufferBytes = null, IPAddress? from = null) =>
        LineClient.ConnectAsync(GamePort, receiveBufferBytes, from);

    /// <summary>A control connection that is let in.</summary>
    public async Task<LineClient> ConnectControlAsync()
    {
        var control = await LineClient.ConnectAsync(ControlPort);
        Assert.Equal("OK", await control.AskAsync($"AUTH {Token}"));
        return control;
    }

    /// <summary>The next line of standard output; null at its end.</summary>
    public Task<string?> ReadLineAsync() => _program.ReadLineAsync();

    /// <summary>Waits until the process is gone, and returns all of its standard error.</summary>
    public async Task<string> ReadErrorsAsync()
    {
        await ExitAsync();
        return string.Join('\n', _program.Errors);
    }

    public Task<int> ExitAsync() => _program.WaitForExitAsync("exiting", Waits.Patient);

    public void CloseInput() => _program.CloseInput();

    public void Signal(int signal) => _program.Signal(signal);

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static GameServerProcess Start(string[] command, (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>(Defaults);
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return new GameServerProcess(RunningProgram.StartCommand(command, environment));
    }

    private static async Task<GameServerProcess> ReadyAsync(GameServerProcess server)
    {
        var line = await server.ReadLineAsync();
        if (line?.Split(' ') is not ["READY", var gamePort, var controlPort])
        {
            await server.DisposeAsync();
            throw server._program.Failure($"its first line is '{line}'");
        }

        server.GamePort = int.Parse(gamePort, CultureInfo.InvariantCulture);
        server.ControlPort = int.Parse(controlPort, CultureInfo.InvariantCulture);
        return server;
    }
}
