using GameStack.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Gateway;

/// <summary>A proxy with a gateway, a game server of the test's, and tickets to it.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly StandInBackend _backend;

    private RunningGateway(StandInBackend backend) => _backend = backend;

    public StandInGameServer Server { get; } = new();

    public TestTickets Tickets { get; } = new();

    public RunningProxy Proxy { get; private set; } = null!;

    /// <summary>The file with the public keys.</summary>
    public string KeyFile => Path.Combine(_folder.Path, "tickets.pem");

    /// <param name="settings">Such as <c>Gateway:MaxConnections=1</c>.</param>
    public static Task<RunningGateway> StartAsync(params string[] settings) => StartAsync(answer: null, settings);

    /// <param name="answer">Answers calls to the backend; null for "ok".</param>
    /// <param name="settings">As above.</param>
    public static async Task<RunningGateway> StartAsync(RequestDelegate? answer, params string[] settings)
    {
        var gateway = new RunningGateway(await StandInBackend.StartAsync(answer));
        await File.WriteAllTextAsync(gateway.KeyFile, gateway.Tickets.PublicPem, TestContext.Current.CancellationToken);
        gateway.Proxy = await RunningProxy.StartAsync(
            gateway._backend,
            [
                $"Tickets:PublicKeyFile={gateway.KeyFile}", "Gateway:Port=0", "Gateway:DrainSeconds=0", .. settings,
            ]);
        return gateway;
    }

    /// <summary>A ticket for the server of this test.</summary>
    public string Ticket(string player = "p1") => Tickets.Make(player, Guid.NewGuid(), address: Server.Address);

    public Task<LineClient> ConnectAsync() => LineClient.ConnectAsync(Proxy.GatewayPort);

    /// <summary>A player and its server, through the gateway; the server has read the first line.</summary>
    public async Task<(LineClient Player, LineClient Server)> JoinAsync()
    {
        var player = await ConnectAsync();
        var line = $"JOIN {Ticket()}";
        await player.SendLineAsync(line);
        var server = await Server.AcceptedAsync();
        Assert.Equal(line, await server.ReadLineAsync());
        return (player, server);
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Server.DisposeAsync();
        await _backend.DisposeAsync();
        Tickets.Dispose();
        _folder.Dispose();
    }
}
