using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.Queue;
using GameStack.Tests.Backend.Records;
using GameStack.Tests.Support;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Matches;

public sealed class MatchEnderTests : IAsyncDisposable
{
    private readonly RedisFixture _redis;
    private readonly FakeTimeProvider _time = new(TestRecords.Noon);
    private readonly IOptions<MatchmakingOptions> _options = TestRules.Of(size: 2);
    private readonly TaskCompletionSource _serverFound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FakeFleet _fleet;
    private readonly MemoryBackend _memory;
    private readonly MatchBackend _matches;

    public MatchEnderTests(RedisFixture redis)
    {
        _redis = redis;
        _fleet = new FakeFleet { FindsServers = true, Looking = _serverFound.Task.WaitAsync };
        _memory = new MemoryBackend(_options, _time);
        _matches = new MatchBackend(_memory, _fleet, _options, _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _matches.DisposeAsync();

    [Fact]
    public async Task A_call_ends_the_match_and_its_server_in_that_order()
    {
        var server = await PlayAsync();

        Assert.Equal(EndOutcome.Ended, await _matches.Ender.EndAsync(server.MatchId, EndedBy.Anyone, Token));

        Assert.Equal(
            [new MatchStep.Ended(server.MatchId, MatchEnd.Call), new MatchStep.ServerReleased(server.MatchId)], _matches.Steps.All);
        Assert.Equal([server.MatchId], _fleet.Ended);
    }

    [Fact]
    public async Task A_fleet_that_does_not_answer_holds_up_a_call_for_three_seconds_at_most()
    {
        var server = await PlayAsync();
        _fleet.Ending = new TaskCompletionSource().Task;

        var ending = _matches.Ender.EndAsync(server.MatchId, EndedBy.Anyone, Token);
        await Eventually.IsAsync("the fleet", _ => Task.FromResult(_fleet.Ended.Count == 1), Waits.Patient);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(ending.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(EndOutcome.Ended, await ending);
    }

    [Fact]
    public async Task A_match_that_has_ended_is_not_ended_again()
    {
        var server = await PlayAsync();
        await _matches.Ender.EndAsync(server.MatchId, EndedBy.Anyone, Token);

        Assert.Equal(EndOutcome.AlreadyEnded, await _matches.Ender.EndAsync(server.MatchId, EndedBy.Anyone, Token));

        Assert.Single(_fleet.Ended);
    }

    [Fact]
    public async Task A_match_that_only_Postgres_knows_gets_its_end_there_and_its_server_ends()
    {
        var record = TestRecords.New("p1", "p2");
        await _matches.Records.UpsertAsync([record], Token);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(EndOutcome.AlreadyEnded, await _matches.Ender.EndAsync(record.SessionId, EndedBy.Anyone, Token));

        var ended = await _matches.Records.FindAsync(record.SessionId, Token);
        Assert.Equal((TestRecords.Noon.AddHours(1), EndedBy.Anyone), (ended!.EndedAt, ended.EndedBy));
        Assert.Equal([record.SessionId], _fleet.Ended);
    }

    [Fact]
    public async Task The_end_that_Postgres_knows_stays()
    {
        var record = TestRecords.New("p1", "p2") with { EndedAt = TestRecords.Noon };
        await _matches.Records.UpsertAsync([record], Token);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(EndOutcome.AlreadyEnded, await _matches.Ender.EndAsync(record.SessionId, EndedBy.Anyone, Token));

        Assert.Equal(TestRecords.Noon, (await _matches.Records.FindAsync(record.SessionId, Token))!.EndedAt);
    }

    [Fact]
    public async Task A_match_that_nobody_knows_is_unknown() =>
        Assert.Equal(EndOutcome.Unknown, await _matches.Ender.EndAsync(Guid.NewGuid(), EndedBy.Anyone, Token));

    [Fact]
    public async Task While_backends_return_to_Redis_only_an_end_in_Postgres_is_believed()
    {
        await using var queues = await RedisQueues.StartAsync(_redis, _options);
        await using var matches = new MatchBackend(queues.Queue, _fleet, new QueueSignals(), _options, _time);
        await queues.Returns[0].ReopenAsync(lost: false, brief: false, Token);
        var (open, ended) = (TestRecords.New("p1"), TestRecords.New("p2") with { EndedAt = TestRecords.Noon });
        await matches.Records.UpsertAsync([open, ended], Token);

        Assert.Equal(EndOutcome.NotKnownYet, await matches.Ender.EndAsync(open.SessionId, EndedBy.Anyone, Token));
        Assert.Equal(EndOutcome.AlreadyEnded, await matches.Ender.EndAsync(ended.SessionId, EndedBy.Anyone, Token));
    }

    [Fact]
    public async Task The_exit_of_its_server_ends_a_match()
    {
        var server = await PlayAsync();

        Assert.True(await _matches.Ender.EndServerlessAsync(server, Token));

        Assert.Equal([new MatchStep.Ended(server.MatchId, MatchEnd.ServerExit)], _matches.Steps.All);
        Assert.Equal(PlayerPhase.Ended, (await _memory.Queue.FindAsync("p1", Token)).Phase);
        Assert.Equal(EndedBy.Server, (await _memory.Outbox.ReadAsync(10, Token))[^1].Record!.EndedBy);
    }

    [Fact]
    public async Task The_exit_of_another_server_leaves_a_match_alone()
    {
        var server = await PlayAsync();

        Assert.True(await _matches.Ender.EndServerlessAsync(server with { Port = server.Port + 1 }, Token));

        Assert.Empty(_matches.Steps.All);
        Assert.Equal(PlayerPhase.Matched, (await _memory.Queue.FindAsync("p1", Token)).Phase);
    }

    [Theory]
    [InlineData("server", true)]
    [InlineData("another", false)]
    public async Task The_exit_of_its_server_ends_the_record_of_a_match_that_only_Postgres_knows(string exited, bool ends)
    {
        var record = TestRecords.New("p1", "p2") with { GameServerPod = "server" };
        await _matches.Records.UpsertAsync([record], Token);

        Assert.True(await _matches.Ender.EndServerlessAsync(FakeFleet.Server(record.SessionId) with { Name = exited }, Token));

        var found = await _matches.Records.FindAsync(record.SessionId, Token);
        Assert.Equal(ends ? (TestRecords.Noon, EndedBy.Server) : default((DateTimeOffset?, string?)), (found!.EndedAt, found.EndedBy));
    }

    [Fact]
    public async Task The_exit_of_a_server_must_be_told_again_while_backends_return_to_Redis()
    {
        await using var queues = await RedisQueues.StartAsync(_redis, _options);
        await using var matches = new MatchBackend(queues.Queue, _fleet, new QueueSignals(), _options, _time);
        var record = TestRecords.New("p1", "p2") with { GameServerPod = "server" };
        await matches.Records.UpsertAsync([record], Token);
        await queues.Returns[0].ReopenAsync(lost: false, brief: false, Token);
        Assert.False(await matches.Ender.EndServerlessAsync(FakeFleet.Server(record.SessionId), Token));
        Assert.Null((await matches.Records.FindAsync(record.SessionId, Token))!.EndedAt);

        await queues.DeleteAsync(":returning");

        Assert.True(await matches.Ender.EndServerlessAsync(FakeFleet.Server(record.SessionId), Token));
        Assert.Equal(EndedBy.Server, (await matches.Records.FindAsync(record.SessionId, Token))!.EndedBy);
    }

    [Fact]
    public async Task The_exit_of_a_server_whose_assignment_is_under_way_must_be_told_again()
    {
        var claim = await MatchQueueTests.FormAsync(_memory.Queue, "p1", "p2");
        _matches.Assigner.Begin(claim);
        Assert.False(await _matches.Ender.EndServerlessAsync(FakeFleet.Server(claim.MatchId), Token));

        _serverFound.SetResult();
        await _matches.Steps.FirstAsync<MatchStep.Assigned>();

        Assert.True(await _matches.Ender.EndServerlessAsync(FakeFleet.Server(claim.MatchId), Token));
        Assert.Equal(PlayerPhase.Ended, (await _memory.Queue.FindAsync("p1", Token)).Phase);
    }

    [Fact]
    public async Task The_exit_of_a_server_left_by_a_failed_try_need_not_be_told_again()
    {
        var claim = await MatchQueueTests.FormAsync(_memory.Queue, "p1", "p2");

        Assert.True(await _matches.Ender.EndServerlessAsync(FakeFleet.Server(claim.MatchId), Token));
    }

    /// <summary>A live match, as its server.</summary>
    private async Task<RunningGameServer> PlayAsync()
    {
        var claim = await MatchQueueTests.FormAsync(_memory.Queue, "p1", "p2");
        var server = FakeFleet.Server(claim.MatchId);
        Assert.True(await _memory.Queue.AssignAsync(claim, server, Token));
        return server;
    }
}
