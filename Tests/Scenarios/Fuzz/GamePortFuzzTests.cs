using System.Diagnostics;
using System.Globalization;
using System.Text;
using GameStack.Tests.GameServer;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>The game port against generated lines.</summary>
[Collection(MachineCollection.Name)]
public sealed class GamePortFuzzTests
{
    private const int Connections = 8;
    private const int FirstRequests = 100;

    /// <summary>A native server takes 4 MiB; what its pools keep at most is far below this.</summary>
    private const double MaxGrowth = 16 * ProcessMemory.MiB;

    [Theory]
    [InlineData(null)]
    [InlineData(86_400)]
    public async Task Every_generated_line_has_the_answer_that_the_contract_says(int? length)
    {
        using var within = Waits.Within(FuzzRun.Limit);
        await using var server = await GameServerProcess.StartOpenAsync();
        await using var witness = await server.ConnectAsync();
        if (length is not null)
        {
            await witness.SendAsync($"REQUEST_MATCH {length}\n");
            Assert.Equal([$"RUNNING_LENGTH {length}", "STATE running"], await witness.ReadLinesAsync(2));
        }

        var lines = FuzzRun.Lines / 2;
        await SendAsync(server, length, lines / 10, firstConnection: 0, within.Token);
        var before = ProcessMemory.ResidentBytes(server.Id);
        var clock = Stopwatch.StartNew();
        await SendAsync(server, length, lines - (lines / 10), firstConnection: Connections, within.Token);
        var growth = ProcessMemory.ResidentBytes(server.Id) - before;

        FuzzRun.Print(
            $"{lines} lines, the last nine tenths in {clock.Elapsed.TotalSeconds:F1} s; "
            + $"resident {before / ProcessMemory.MiB:F1} MiB and then {growth / ProcessMemory.MiB:F1} more");
        Assert.Equal(length is null ? "STATE open" : "STATE running", await witness.AskAsync("GET_STATE"));
        Assert.True(growth < MaxGrowth, $"{FuzzRun.Name}: the server grew by {growth / ProcessMemory.MiB:F1} MiB.");
        server.Signal(UnixSignals.Terminate);
        Assert.Equal("STATE stop", await witness.ReadLineAsync());
        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(await server.ReadErrorsAsync());
    }

    [Fact]
    public async Task The_first_valid_request_sets_the_length_and_whatever_came_before_it_sets_none()
    {
        var random = FuzzRun.RandomOf(-1);
        for (var i = 0; i < FirstRequests; i++)
        {
            var (line, seconds) = NextRequest(random);
            await using var server = await GameServerProcess.StartOpenAsync();
            await using var client = await server.ConnectAsync();

            await client.SendAsync("REQUEST_MATCH 0\nREQUEST_MATCH 86400.5\n" + line + "\nREQUEST_MATCH 77\n");

            var length = "RUNNING_LENGTH " + Math.Ceiling(seconds).ToString(CultureInfo.InvariantCulture);
            var answers = await client.ReadLinesAsync(6);
            Assert.True(
                answers.SequenceEqual(["UNKNOWN", "UNKNOWN", length, "STATE running", length, "STATE running"], StringComparer.Ordinal),
                $"{FuzzRun.Name}: '{line}' is answered {string.Join(", ", answers)}");
        }
    }

    private static Task SendAsync(
        GameServerProcess server, int? length, int lines, int firstConnection, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(firstConnection, Connections).Select(connection => Task.Run(
            () => new LineFuzz(server.GamePort, FuzzRun.RandomOf(connection), () => new GameLineModel(length), GameLines.Next)
                .RunAsync(lines / Connections, cancellationToken),
            cancellationToken)));

    /// <summary>A request that lets the test end before the match does.</summary>
    private static (string Line, double Seconds) NextRequest(Random random)
    {
        while (true)
        {
            var line = Encoding.Latin1.GetString(GameLines.Next(random));
            if (line.Length <= GameLineModel.MaxLine && line.All(char.IsAscii)
                && GameLineModel.SecondsOf(line.Trim(' ', '\t')) is >= 300 and var seconds)
            {
                return (line, seconds);
            }
        }
    }
}
