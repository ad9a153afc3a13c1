using System.Diagnostics.Metrics;
using System.Net;
using GameStack.Contracts.Api;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;
using GameStack.Tests.Backend.Background;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.Tests.LoadTester.Stack;

public sealed class CallRetriesTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ObservedTime _time = new();
    private readonly LoadBoard _board;
    private readonly CallRetries _retries;

    public CallRetriesTests()
    {
        _board = new LoadBoard(clients: 1, new LoadMetrics(_services.GetRequiredService<IMeterFactory>()), _time);
        _retries = new CallRetries(Interval, _board, _time);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(null, 0.5)]
    [InlineData(0.0, 0.5)]
    [InlineData(0.1, 0.5)]
    [InlineData(7.0, 7.0)]
    [InlineData(1e9, 86_400.0)]
    public async Task A_pause_is_as_long_as_the_server_asks_and_up_to_half_longer(double? asked, double seconds)
    {
        for (var i = 0; i < 20; i++)
        {
            var pause = _retries.PauseAsync(
                PlayerPhase.Join, "503", asked is { } time ? TimeSpan.FromSeconds(time) : null, Cancelled);
            Assert.InRange((await _time.PassNextWaitAsync(Cancelled)).TotalSeconds, seconds, seconds * 1.5);
            await pause;
        }
    }

    [Fact]
    public async Task Players_who_are_refused_together_do_not_return_together()
    {
        var pauses = new HashSet<TimeSpan>();
        for (var i = 0; i < 20; i++)
        {
            _ = _retries.PauseAsync(PlayerPhase.Join, "503", TimeSpan.FromSeconds(10), Cancelled);
            pauses.Add(await _time.NextWaitAsync(Cancelled));
        }

        Assert.InRange(pauses.Count, 10, 20);
    }

    [Fact]
    public async Task Each_repeat_is_counted_and_the_answer_that_counts_is_returned()
    {
        var answers = new Queue<ApiAnswer<StatusResponse>>(
        [
            ApiAnswer<StatusResponse>.Refused(HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(3)),
            ApiAnswer<StatusResponse>.Unanswered("reset"),
            ApiAnswer<StatusResponse>.Of(new StatusResponse { Status = "ended" }),
        ]);

        var running = _retries.RunAsync(PlayerPhase.End, () => Task.FromResult(answers.Dequeue()), Cancelled);
        Assert.InRange(await _time.PassNextWaitAsync(Cancelled), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4.5));
        Assert.InRange(await _time.PassNextWaitAsync(Cancelled), Interval, Interval * 1.5);

        Assert.Equal("ended", (await running).Value?.Status);
        Assert.Equal(["end: 429", "end: reset"], _board.Snapshot().Retries.Select(retry => retry.Reason));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task A_refusal_for_good_is_not_repeated(HttpStatusCode status)
    {
        var answer = await _retries.RunAsync(
            PlayerPhase.End, () => Task.FromResult(ApiAnswer<StatusResponse>.Refused(status, TimeSpan.FromSeconds(1))), Cancelled);

        Assert.Equal(status, answer.Status);
        Assert.Empty(_board.Snapshot().Retries);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData(NetworkFault.TooManyOpenFiles)]
    public async Task A_call_that_reaches_nobody_is_not_repeated(string fault)
    {
        var answer = await _retries.RunAsync(
            PlayerPhase.Join, () => Task.FromResult(ApiAnswer<StatusResponse>.Unreached(fault)), Cancelled);

        Assert.Equal(fault, answer.Fault);
        Assert.Empty(_board.Snapshot().Retries);
    }
}
