using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using GameStack.Backend.Queue.Redis;
using GameStack.Contracts.Api;
using GameStack.Contracts.Lines;
using GameStack.GameServer.Control;
using GameStack.GameServer.Sessions;

namespace GameStack.Bench.Benchmarks;

/// <summary>What is written and read for each match or status call, with ten players.</summary>
public class SerializationBenchmarks
{
    private readonly string[] _players = [.. Enumerable.Range(0, 10).Select(i => $"player-{i:0000000000}")];
    private readonly Guid _match = Guid.NewGuid();
    private StatusResponse _status = null!;
    private byte[] _line = [];
    private string _change = "";

    [GlobalSetup]
    public void Prepare()
    {
        _status = new StatusResponse
        {
            Status = MatchStatus.Matched,
            SessionId = _match.ToString(),
            ConnectHost = "game.example.com",
            ConnectPort = 7777,
            Ticket = new string('t', 500),
        };
        _line = Encoding.UTF8.GetBytes(WriteControlLine());
        _change = $$"""
            {"kind":"matched","match":"{{_match}}","players":{{JsonSerializer.Serialize(_players)}},"host":"10.0.0.7","port":8080,
            "admission":"game-server-1a2b3c4d 10.0.0.7:8080 NzbLsXh8uDCcd"}
            """;
    }

    [Benchmark]
    public byte[] WriteStatus() => JsonSerializer.SerializeToUtf8Bytes(_status, MatchApiJson.Default.StatusResponse);

    [Benchmark]
    public string WriteControlLine() =>
        $"{ControlProtocol.Assign} {_match:D} {JsonSerializer.Serialize(_players, MatchApiJson.Default.IReadOnlyListString)}";

    /// <summary>As the game server does.</summary>
    [Benchmark]
    public bool ReadControlLine() => Session.TryParse(ControlCommand.Parse(_line).Arguments, out _);

    /// <summary>As each backend does with what a script publishes.</summary>
    [Benchmark]
    public object? ReadPublishedChange() => MatchChangeMessage.Parse(_change)?.ToChange();
}
