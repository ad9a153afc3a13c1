using GameStack.Backend;
using GameStack.Backend.Queue.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class BatchedCallTests
{
    private readonly List<(int[] Requests, TaskCompletionSource<IReadOnlyList<Func<int>>> Answer)> _calls = [];
    private readonly BatchedCall<int, int> _batched;

    public BatchedCallTests() => _batched = new BatchedCall<int, int>(requests =>
    {
        _calls.Add(([.. requests], new TaskCompletionSource<IReadOnlyList<Func<int>>>()));
        return _calls[^1].Answer.Task;
    });

    [Fact]
    public async Task A_request_that_arrives_while_no_call_is_under_way_is_sent_at_once()
    {
        var first = _batched.SendAsync(1);
        Answer(0);
        Assert.Equal(-1, await first);

        var second = _batched.SendAsync(2);
        Answer(1);
        Assert.Equal(-2, await second);

        Assert.Equal([[1], [2]], _calls.Select(call => call.Requests));
    }

    [Fact]
    public async Task Those_that_arrive_meanwhile_go_together_and_at_most_64_at_once()
    {
        Task<int>[] all = [.. Enumerable.Range(0, 100).Select(_batched.SendAsync)];

        Answer(0);
        Answer(1);
        Answer(2);

        Assert.Equal(Enumerable.Range(0, 100).Select(request => -request), await Task.WhenAll(all));
        Assert.Equal([1, 64, 35], _calls.Select(call => call.Requests.Length));
    }

    [Fact]
    public async Task A_call_that_fails_by_a_defect_fails_its_own_requests_only()
    {
        var failing = _batched.SendAsync(1);
        var waiting = _batched.SendAsync(2);

        _calls[0].Answer.SetException(new InvalidOperationException("A script has a defect."));
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Answer(1);

        Assert.Equal(-2, await waiting);
    }

    [Fact]
    public async Task When_Redis_is_unavailable_those_who_wait_are_told_at_once_and_the_next_request_is_sent()
    {
        var failing = _batched.SendAsync(1);
        var waiting = _batched.SendAsync(2);

        _calls[0].Answer.SetException(new DependencyUnavailableException("Redis", "It does not answer."));
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => failing);
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => waiting);
        var next = _batched.SendAsync(3);
        Answer(1);

        Assert.Equal(-3, await next);
        Assert.Equal([[1], [3]], _calls.Select(call => call.Requests));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_fails_its_own_request_only()
    {
        var first = _batched.SendAsync(1);
        var (bad, good) = (_batched.SendAsync(2), _batched.SendAsync(3));
        Answer(0);
        await first;

        _calls[1].Answer.SetResult([() => throw new InvalidOperationException("WRONGTYPE"), () => 3]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(3, await good);
    }

    [Fact]
    public async Task When_2000_wait_the_next_is_refused_and_those_who_wait_are_served()
    {
        Task<int>[] all = [.. Enumerable.Range(0, 2_001).Select(_batched.SendAsync)];

        await Assert.ThrowsAsync<DependencyUnavailableException>(() => _batched.SendAsync(-1));

        for (var call = 0; !all[^1].IsCompleted; call++)
        {
            Answer(call);
        }

        Assert.Equal(2_001, (await Task.WhenAll(all)).Length);
    }

    private void Answer(int call)
    {
        var (requests, answer) = _calls[call];
        answer.SetResult([.. requests.Select(request => (Func<int>)(() => -request))]);
    }
}
