using System.Diagnostics;
using GameStack.Backend.GameServers.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace GameStack.Tests.Backend.GameServers.Processes;

public sealed class StandbyLineTests : IAsyncDisposable
{
    private readonly StandbyLine _line = new();
    private readonly GameServerProcess _first = Start();
    private readonly GameServerProcess _second = Start();

    public async ValueTask DisposeAsync() => await Task.WhenAll(_first.KillAsync(), _second.KillAsync());

    [Fact]
    public void Servers_are_taken_in_the_order_in_which_they_came()
    {
        _line.Add(_first);
        _line.Add(_second);

        Assert.Equal(2, _line.ServerCount);
        Assert.Equal([_first, _second, null], [_line.Take(), _line.Take(), _line.Take()]);
    }

    [Fact]
    public async Task Callers_are_served_in_the_order_in_which_they_came()
    {
        var callers = new[] { _line.Join(), _line.Join() };
        _line.Add(_first);
        _line.Add(_second);

        Assert.Equal((0, 0), (_line.CallerCount, _line.ServerCount));
        Assert.Equal([_first, _second], [(await callers[0].Task).Value, (await callers[1].Task).Value]);
    }

    [Fact]
    public async Task A_caller_that_left_gets_no_server()
    {
        var cancelled = new CancellationToken(canceled: true);
        var (left, served) = (_line.Join(), _line.Join());
        _line.Leave(left, cancelled);
        _line.Add(_first);
        _line.Leave(served, cancelled);

        Assert.True(left.Task.IsCanceled);
        Assert.Equal(_first, (await served.Task).Value);
    }

    [Fact]
    public async Task All_callers_can_learn_why_there_is_no_server()
    {
        var callers = new[] { _line.Join(), _line.Join() };

        _line.FailCallers("It crashes.");

        Assert.Equal(["It crashes.", "It crashes."], [(await callers[0].Task).Failure, (await callers[1].Task).Failure]);
        Assert.Equal(0, _line.CallerCount);
    }

    [Fact]
    public void A_server_that_ended_on_standby_is_not_taken()
    {
        _line.Add(_first);

        Assert.True(_line.Remove(_first));
        Assert.False(_line.Remove(_first));
        Assert.Null(_line.Take());
    }

    private static GameServerProcess Start()
    {
        var start = new ProcessStartInfo("/bin/cat")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new GameServerProcess(start, "", TimeSpan.FromSeconds(5), TimeProvider.System, NullLogger<GameServerProcess>.Instance);
    }
}
