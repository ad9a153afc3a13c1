using System.Globalization;
using System.Text.Json;
using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using Spectre.Console;

namespace GameStack.Tests.LoadTester.Run;

/// <summary>The whole load tester against a stack that speaks the contract over real HTTP and TCP, and breaks it on request.</summary>
public sealed class LoadTesterAppTests
{
    private static readonly CallLimits Patient = new() { PollInterval = TimeSpan.FromMilliseconds(10) };

    [Theory]
    [InlineData("poll")]
    [InlineData("wait")]
    [InlineData("events")]
    public async Task Every_way_to_follow_leads_every_player_through_its_match(string follow)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { SessionSize = 5 });

        var run = await RunAsync(stack, ["--clients", "20", "--follow", follow]);

        Assert.Equal(("matched 20, played 20, failed 0", 0), (run.LastLine, run.ExitCode));
        Assert.Contains("players each: min 5, avg 5.0, max 5", run.Output, StringComparison.Ordinal);
        Assert.Equal(20, stack.Ended.Count);
        Assert.Equal(4, stack.Ended.Distinct().Count());
        Assert.Empty(stack.Left);
    }

    [Fact]
    public async Task Plain_polling_asks_as_an_existing_client_does()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { IgnoreWait = true });

        await RunAsync(stack, ["--clients", "4", "--follow", "poll"]);

        Assert.All(stack.StatusQueries, query => Assert.Equal("", query));
        Assert.Equal(0, stack.EventStreams);
    }

    [Fact]
    public async Task Long_polls_ask_to_wait()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions());

        await RunAsync(stack, ["--clients", "2", "--follow", "wait"]);

        Assert.NotEmpty(stack.StatusQueries);
        Assert.All(stack.StatusQueries, query => Assert.Equal("wait=20", query));
    }

    [Fact]
    public async Task Long_polls_become_polls_where_the_server_does_not_know_them()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { IgnoreWait = true, StatusRefusals = [503] });

        var run = await RunAsync(stack, ["--clients", "2"]);

        Assert.Equal("matched 2, played 2, failed 0", run.LastLine);
    }

    [Fact]
    public async Task A_stream_that_ends_too_early_is_opened_again()
    {
        await using var stack = await ContractStack.StartAsync(
            new ContractStackOptions { SessionSize = 1, BrokenStreams = 2, NeverMatch = true });

        var run = await RunAsync(stack, ["--clients", "1", "--follow", "events", "--give-up", "10"]);

        Assert.Equal(3, stack.EventStreams);
        Assert.Contains("2  match: stream ended", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_lines_than_a_client_knows_do_no_harm()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { Game = GameBehaviour.PlayVerbosely });

        var run = await RunAsync(stack, ["--clients", "4"]);

        Assert.Equal("matched 4, played 4, failed 0", run.LastLine);
    }

    [Fact]
    public async Task The_game_servers_host_can_be_overridden()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { ConnectHost = "host.invalid" });

        var run = await RunAsync(stack, ["--clients", "2", "--game-server-host", "localhost"]);

        Assert.Equal("matched 2, played 2, failed 0", run.LastLine);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_join_that_is_put_off_is_made_again(int status)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { JoinRefusals = [(status, 0), (status, 0)] });

        var run = await RunAsync(stack, ["--clients", "2"]);

        Assert.Equal(("matched 2, played 2, failed 0", 0), (run.LastLine, run.ExitCode));
        Assert.Contains($"4  join: {status}", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("join", "join", "wait")]
    [InlineData("status", "match", "wait")]
    [InlineData("status", "match", "poll")]
    [InlineData("events", "match", "events")]
    [InlineData("end", "end", "wait")]
    public async Task Every_call_that_is_put_off_is_made_again(string call, string phase, string follow)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions
        {
            Refusals = { [call] = [new(429, "0"), new(503, "0"), new(503, null), new(502, null)] },
        });

        // One after the other: the first player has to follow its status.
        var run = await RunAsync(stack, ["--clients", "2", "--spawn-rate", "10", "--follow", follow]);

        Assert.Equal(("matched 2, played 2, failed 0", 0), (run.LastLine, run.ExitCode));
        Assert.Contains($"1  {phase}: 429", run.Output, StringComparison.Ordinal);
        Assert.Contains($"2  {phase}: 503", run.Output, StringComparison.Ordinal);
        Assert.Contains($"1  {phase}: 502", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("join", "wait")]
    [InlineData("status", "poll")]
    [InlineData("events", "events")]
    [InlineData("end", "wait")]
    public async Task A_call_of_unknown_outcome_is_made_again(string call, string follow)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { Refusals = { [call] = [Refusal.Cut] } });

        var run = await RunAsync(stack, ["--clients", "2", "--spawn-rate", "10", "--follow", follow]);

        Assert.Equal(("matched 2, played 2, failed 0", 0), (run.LastLine, run.ExitCode));
        Assert.Contains("Retried calls:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_is_repeated_too()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions
        {
            NeverMatch = true,
            Refusals = { ["leave"] = [new(503, "0"), new(429, "0")] },
        });

        var run = await RunAsync(stack, ["--clients", "1", "--give-up", "0.5"]);

        Assert.Single(stack.Left);
        Assert.Contains("1  leave: 503", run.Output, StringComparison.Ordinal);
        Assert.Contains("1  leave: 429", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_is_given_up_soon()
    {
        var refusals = Enumerable.Repeat(new Refusal(503, "3600"), 100);
        await using var stack = await ContractStack.StartAsync(
            new ContractStackOptions { NeverMatch = true, Refusals = { ["leave"] = [.. refusals] } });

        var run = await RunAsync(
            stack, ["--clients", "1", "--give-up", "0.2"], Patient with { Leave = TimeSpan.FromSeconds(0.2) });

        Assert.Empty(stack.Left);
        Assert.Equal("matched 0, played 0, failed 1", run.LastLine);
    }

    [Fact]
    public async Task An_end_that_is_put_off_too_long_is_given_up()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { EndRefusal = 503 });

        var run = await RunAsync(stack, ["--clients", "2", "--give-up", "10"]);

        Assert.Equal(("matched 2, played 2, failed 2", 1), (run.LastLine, run.ExitCode));
        Assert.Contains("2  end: gave up after 10 s", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_date_in_Retry_After_is_waited_for()
    {
        var date = DateTimeOffset.UtcNow.AddSeconds(2);
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions
        {
            SessionSize = 1,
            Refusals = { ["join"] = [new(503, date.ToString("R", CultureInfo.InvariantCulture))] },
        });

        await RunAsync(stack, ["--clients", "1"]);

        // The header has whole seconds.
        Assert.True(stack.Calls.Where(call => call.Call == "join").ElementAt(1).At > date.AddSeconds(-1.1));
    }

    [Theory]
    [InlineData("direct", "status", "play: 503")]
    [InlineData("websocket", "play", "connect: 503")]
    [InlineData("websocket", "status", "connect: 503")]
    public async Task A_player_who_connects_again_waits_as_long_as_the_server_asks(string through, string refused, string reason)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions
        {
            SessionSize = 1,
            Tickets = true,
            Game = GameBehaviour.CloseBeforeStop,
            Refusals = { [refused] = [new(503, "3600")] },
        });

        var run = await RunAsync(
            stack, ["--clients", "1", "--through", through], Patient with { Reconnect = TimeSpan.FromSeconds(5) });

        Assert.Contains($"1  {reason}", run.Output, StringComparison.Ordinal);
        Assert.Single(stack.Calls, call => call.Call == refused);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(int.MaxValue)]
    public async Task A_join_that_is_put_off_too_long_is_given_up(int seconds)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { JoinRefusals = [(503, seconds)] });

        await AssertAllFailAsync(stack, "join: gave up after 0.2 s", matched: 0, "--give-up", "0.2");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(500)]
    public async Task A_join_that_is_refused_fails(int status)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { JoinRefusals = [(status, null)] });

        await AssertAllFailAsync(stack, $"join: {status}", matched: 0);
    }

    [Fact]
    public async Task A_status_that_is_refused_for_now_is_asked_again()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { SessionSize = 3, StatusRefusals = [502, 503] });

        var run = await RunAsync(stack, ["--clients", "3"]);

        Assert.Equal("matched 3, played 3, failed 0", run.LastLine);
        Assert.Contains("2  match: 502", run.Output, StringComparison.Ordinal);
        Assert.Contains("2  match: 503", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_never_matched_gives_up_and_leaves_the_queue()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });

        await AssertAllFailAsync(stack, "match: gave up after 5 s", matched: 0, "--give-up", "5");

        Assert.Equal(2, stack.Left.Count);
    }

    [Theory]
    [InlineData(GameBehaviour.Refuse, "connect: refused")]
    [InlineData(GameBehaviour.CloseAtOnce, "connect: closed without a line")]
    [InlineData(GameBehaviour.FloodOneLine, "connect: line too long")]
    [InlineData(GameBehaviour.AnswerUnknown, "play: answered UNKNOWN")]
    [InlineData(GameBehaviour.CloseBeforeStop, "play: closed before stop")]
    [InlineData(GameBehaviour.StopWithoutRunning, "play: stopped without STATE running")]
    public async Task A_game_server_that_breaks_the_contract_fails_its_players(GameBehaviour behaviour, string reason)
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { Game = behaviour });

        await AssertAllFailAsync(stack, reason, matched: 2);
    }

    [Fact]
    public async Task A_game_server_that_says_nothing_fails_its_players()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { Game = GameBehaviour.SayNothing });

        var run = await RunAsync(stack, ["--clients", "2"], Patient with { Connect = TimeSpan.FromSeconds(4) });

        Assert.Contains("2  connect: no line", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_match_that_cannot_be_ended_was_played_and_failed()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { EndRefusal = 500 });

        var run = await RunAsync(stack, ["--clients", "2"]);

        Assert.Equal(("matched 2, played 2, failed 2", 1), (run.LastLine, run.ExitCode));
        Assert.Contains("2  end: 500", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_session_at_two_addresses_is_a_failure_though_it_was_played()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { ManyAddresses = true });

        var run = await RunAsync(stack, ["--clients", "2", "--game-server-host", "127.0.0.1"]);

        Assert.Equal(("matched 2, played 2, failed 1", 1), (run.LastLine, run.ExitCode));
        Assert.Contains("match: match at two addresses", run.Output, StringComparison.Ordinal);
        Assert.Contains("others were told 127.0.0.", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_listens_every_join_is_refused()
    {
        var stack = await ContractStack.StartAsync(new ContractStackOptions());
        var url = stack.Url;
        await stack.DisposeAsync();

        var run = await RunAsync(["--url", url, "--clients", "3"], Patient, CancellationToken.None);

        Assert.Equal(("matched 0, played 0, failed 3", 1), (run.LastLine, run.ExitCode));
        Assert.Contains("3  join: refused", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_takes_its_players_out_of_the_queue()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        using var interrupt = new CancellationTokenSource();

        var running = RunAsync(["--url", stack.Url, "--clients", "5"], Patient, interrupt.Token);
        var queued = new List<string>();
        for (var i = 0; i < 5; i++)
            queued.Add(await stack.NextQueuedAsync());
        await interrupt.CancelAsync();
        var run = await running;

        Assert.Equal(("matched 0, played 0, failed 0", 130), (run.LastLine, run.ExitCode));
        Assert.Contains("interrupted: 5 started, 5 stopped early", run.Output, StringComparison.Ordinal);
        Assert.Equal(queued.Order(), stack.Left.Order());
    }

    [Fact]
    public async Task An_interrupted_run_starts_nobody_anymore()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions { NeverMatch = true });
        using var interrupt = new CancellationTokenSource();

        var running = RunAsync(["--url", stack.Url, "--clients", "1000", "--spawn-rate", "0.0001"], Patient, interrupt.Token);
        await stack.NextQueuedAsync();
        await interrupt.CancelAsync();
        var run = await running;

        Assert.Contains("interrupted: 1 started, 1 stopped early", run.Output, StringComparison.Ordinal);
        Assert.Equal(130, run.ExitCode);
    }

    [Fact]
    public async Task Json_output_is_one_document_and_nothing_else()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions());
        var file = Path.Combine(Path.GetTempPath(), $"load-summary-{Guid.NewGuid():N}.json");

        var run = await RunAsync(stack, ["--clients", "4", "--output", "json", "--json", file]);

        var written = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        File.Delete(file);
        Assert.Equal(run.Output.Trim(), written.Trim());
        using var summary = JsonDocument.Parse(run.Output);
        var root = summary.RootElement;
        Assert.Equal(4, root.GetProperty("played").GetInt32());
        Assert.Equal(2, root.GetProperty("sessions").GetProperty("matches").GetInt32());
        Assert.Equal(4, root.GetProperty("durations").GetProperty("join_to_connected").GetProperty("count").GetInt32());
        Assert.Contains("ended 4", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_that_does_not_fit_in_its_file_is_on_the_console_and_the_run_fails()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "It needs /dev/full, a disk without room.");
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions());

        var run = await RunAsync(stack, ["--clients", "4", "--json", "/dev/full"]);

        Assert.Equal(("matched 4, played 4, failed 0", 1), (run.LastLine, run.ExitCode));
        Assert.StartsWith("Could not write /dev/full: ", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_is_shown_the_tables_and_then_the_summary()
    {
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions());
        var (output, screen) = (new StringWriter(), new StringWriter());
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(screen),
        });
        terminal.Profile.Width = 140;

        var exitCode = await LoadTesterApp.RunAsync(
            ["--url", stack.Url, "--clients", "4"],
            _ => null,
            new LoadConsole(output, TextWriter.Null, terminal),
            Patient,
            CancellationToken.None);

        Assert.Equal(0, exitCode);
        Assert.Contains("join to connected", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("started 4 of 4", screen.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("matched 4, played 4, failed 0", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--clients", "none")]
    [InlineData("--json", "/no/such/folder/summary.json")]
    [InlineData("--no-such-option")]
    public async Task Bad_settings_end_with_one_line_and_104(params string[] args)
    {
        var run = await RunAsync(args, Patient, CancellationToken.None);

        Assert.Equal(104, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Help_names_every_setting()
    {
        var run = await RunAsync(["--help"], Patient, CancellationToken.None);

        Assert.Equal(0, run.ExitCode);
        string[] names =
        [
            "--clients", "--url", "--match-duration", "--spawn-rate", "--game-server-host", "--through", "--gateway",
            "--follow", "--output", "--json",
            "CLIENTS", "TARGET_URL", "MATCH_DURATION", "SPAWN_RATE", "GAME_SERVER_HOST_OVERRIDE", "PLAY_THROUGH", "GATEWAY_ADDRESS",
        ];
        Assert.All(names, name => Assert.Contains(name, run.Output, StringComparison.Ordinal));
    }

    private static async Task AssertAllFailAsync(ContractStack stack, string reason, int matched, params string[] args)
    {
        var run = await RunAsync(stack, ["--clients", "2", .. args]);

        Assert.Equal(($"matched {matched}, played 0, failed 2", 1), (run.LastLine, run.ExitCode));
        Assert.Contains($"2  {reason}", run.Output, StringComparison.Ordinal);
    }

    private static Task<FinishedRun> RunAsync(ContractStack stack, string[] args, CallLimits? limits = null) =>
        RunAsync(["--url", stack.Url, .. args], limits ?? Patient, CancellationToken.None);

    private static async Task<FinishedRun> RunAsync(string[] args, CallLimits limits, CancellationToken interrupt)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await LoadTesterApp.RunAsync(args, _ => null, new LoadConsole(output, error, Terminal: null), limits, interrupt);
        return new FinishedRun(exitCode, output.ToString(), error.ToString());
    }

    private sealed record FinishedRun(int ExitCode, string Output, string Error)
    {
        public string LastLine => Output.TrimEnd().Split('\n')[^1];
    }
}
