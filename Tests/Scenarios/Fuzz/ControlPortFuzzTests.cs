using System.Diagnostics;
using GameStack.Contracts;
using GameStack.Tests.GameServer;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>
/// The control port against generated lines: a tenth as many as the game port, since a client that is not let in gets no further than a
/// comparison.
/// </summary>
[Collection(MachineCollection.Name)]
public sealed class ControlPortFuzzTests
{
    private const int Connections = 8;
    private const string Players = """["p1","é🎮"]""";

    /// <summary>A line may have 128 KiB here, and each of the eight connections holds a few of them.</summary>
    private const double MaxGrowth = 16 * ProcessMemory.MiB;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_generated_line_has_the_answer_that_the_protocol_says(bool hasSession)
    {
        using var within = Waits.Within(FuzzRun.Limit);
        await using var server = hasSession
            ? await GameServerProcess.StartStandbyAsync(
                (GameServerSettings.SessionId, ControlLines.Session),
                (GameServerSettings.Players, Players),
                (GameServerSettings.ConnectTimeoutSeconds, "3600"))
            : await GameServerProcess.StartStandbyAsync();

        var lines = FuzzRun.Lines / 20;
        await SendAsync(server, hasSession, lines / 5, firstConnection: 100, within.Token);
        var before = ProcessMemory.ResidentBytes(server.Id);
        var clock = Stopwatch.StartNew();
        await SendAsync(server, hasSession, lines - (lines / 5), firstConnection: 100 + Connections, within.Token);
        var growth = ProcessMemory.ResidentBytes(server.Id) - before;

        FuzzRun.Print(
            $"{lines} control lines, the last four fifths in {clock.Elapsed.TotalSeconds:F1} s; "
            + $"resident {before / ProcessMemory.MiB:F1} MiB and then {growth / ProcessMemory.MiB:F1} more");
        Assert.True(growth < MaxGrowth, $"{FuzzRun.Name}: the server grew by {growth / ProcessMemory.MiB:F1} MiB.");
        await using var control = await server.ConnectControlAsync();
        Assert.Equal(hasSession ? "OK" : "UNKNOWN", await control.AskAsync($"ASSIGN {(hasSession ? ControlLines.Session : "p1")} []"));
        Assert.Equal("OK", await control.AskAsync("STOP"));
        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(await server.ReadErrorsAsync());
    }

    private static Task SendAsync(
        GameServerProcess server, bool hasSession, int lines, int firstConnection, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(firstConnection, Connections).Select(connection => Task.Run(
            () => new LineFuzz(server.ControlPort, FuzzRun.RandomOf(connection), () => NewModel(hasSession), ControlLines.Next)
                .RunAsync(lines / Connections, cancellationToken),
            cancellationToken)));

    private static ControlLineModel NewModel(bool hasSession) =>
        new(GameServerProcess.Token, hasSession ? ControlLines.Session : null, Players);
}
