using System.Diagnostics.Metrics;
using System.Net.Sockets;
using GameStack.LoadTester.Players;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace GameStack.Tests.LoadTester.Report;

public sealed class LoadBoardTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly LoadBoard _board;

    public LoadBoardTests() =>
        _board = new LoadBoard(clients: 9, new LoadMetrics(_services.GetRequiredService<IMeterFactory>()), TimeProvider.System);

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_reason_names_the_phase_and_the_most_frequent_comes_first()
    {
        Fail(PlayerPhase.Join, "503");
        Fail(PlayerPhase.Connect, "refused");
        Fail(PlayerPhase.Connect, "refused");

        Assert.Equal([new("connect: refused", 2), new("join: 503", 1)], _board.Snapshot().Failures);
    }

    [Fact]
    public void Too_few_descriptors_are_one_reason_in_every_phase_and_whichever_call_found_out()
    {
        var socket = new SocketException((int)SocketError.TooManyOpenSockets);
        Fail(PlayerPhase.Connect, NetworkFault.Describe(socket.SocketErrorCode));
        Fail(PlayerPhase.Join, NetworkFault.Describe(new HttpRequestException("Too many open files (localhost:1)", socket)));
        Fail(PlayerPhase.Match, NetworkFault.Describe(new HttpRequestException("no", new IOException("no", socket))));

        Assert.Equal([new("too many open files", 3)], _board.Snapshot().Failures);
    }

    private void Fail(PlayerPhase phase, string kind) => _board.Failed(new PlayerFailure(phase, kind));
}
