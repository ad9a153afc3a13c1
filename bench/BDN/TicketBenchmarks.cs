using System.Text;
using BenchmarkDotNet.Attributes;
using GameStack.Backend.Queue;
using GameStack.Backend.Tickets;
using GameStack.GameServer.Seats;
using GameStack.GameServer.Sessions;
using GameStack.Proxy.Gateway;
using GameStack.Tests.Backend.Tickets;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using GatewayTickets = GameStack.Proxy.Gateway.TicketsOptions;
using SignerTickets = GameStack.Backend.Tickets.TicketsOptions;

namespace GameStack.Bench.Benchmarks;

/// <summary>What a ticket costs a backend, the gateway and a game server.</summary>
public class TicketBenchmarks : IDisposable
{
    private readonly Guid _match = Guid.NewGuid();
    private readonly TestFolder _folder = new();
    private readonly TestTickets _keys = new();
    private TicketSigner _signer = null!;
    private TicketCheck _gateway = null!;
    private SeatTable _seats = null!;
    private PlayerState _state = null!;
    private byte[] _ticket = [];

    [GlobalSetup]
    public void Prepare()
    {
        var (privateKey, publicKey) = (Path.Combine(_folder.Path, "private.pem"), Path.Combine(_folder.Path, "public.pem"));
        File.WriteAllText(privateKey, _keys.PrivatePem);
        File.WriteAllText(publicKey, _keys.PublicPem);
        _signer = TestSigners.Of(new SignerTickets { KeyFile = privateKey });
        _gateway = new TicketCheck(
            Options.Create(new GatewayTickets { PublicKeyFile = publicKey }), TimeProvider.System, NullLogger<TicketCheck>.Instance);
        _state = new PlayerState(PlayerPhase.Matched, _match, "game.example.com", 7777, ["p1", "p2"])
        {
            Admission = MatchAdmission.At("game-server-1", "10.0.0.7", 8080).SignedWith([_keys.Key]),
        };
        _ticket = Encoding.ASCII.GetBytes(Sign()!);
        if (!Roster.TryParse("""["p1","p2"]"""u8, out var roster))
        {
            throw new InvalidOperationException("The roster cannot be read.");
        }

        var terms = _keys.Terms();
        _seats = new SeatTable(new Session(_match, roster) { Tickets = terms }, terms, TimeProvider.System);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _signer.Dispose();
        _keys.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public string? Sign() => _signer.Issue(_state, "p1");

    [Benchmark]
    public bool CheckAtGateway() => _gateway.TryRead(_ticket, out _, out _);

    [Benchmark]
    public object CheckAtGameServer() => _seats.Read(_ticket, out _);
}
