using GameStack.LoadTester.Stack;
using GameStack.Tests.Support;
using GameStack.Tests.Support.Faults;

namespace GameStack.Tests.LoadTester.Stack;

public sealed class CallLaneTests
{
    private const int Calls = 1000;

    [Fact]
    public async Task A_connection_that_is_reset_as_soon_as_it_is_open_is_a_fault_that_may_pass()
    {
        await using var stack = new ResettingListener();
        using var lane = new CallLane(width: null);

        for (var i = 0; i < Calls; i++)
        {
            using var call = new HttpRequestMessage(HttpMethod.Get, stack.Url);
            var answer = await lane.SendAsync(
                call, HttpCompletionOption.ResponseContentRead, Waits.Patient, TestContext.Current.CancellationToken);
            Assert.Contains(answer.Fault, (string[])["reset", "closed without an answer"]);
            Assert.False(answer.IsUnreached);
        }
    }
}
