using System.Globalization;
using GameStack.Tests.EndToEnd;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.Reliability;

[Collection(MachineCollection.Name)]
public sealed class SoakTests(RedisFixture redis, PostgresFixture postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task Every_promise_is_kept_while_something_is_killed_every_few_seconds()
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("GAMESTACK_SOAK_SECONDS") ?? "20", CultureInfo.InvariantCulture);

        var report = await new Soak(TimeSpan.FromSeconds(seconds), Environment.TickCount, output.WriteLine).RunAsync(redis, postgres);

        Assert.True(report.IsKept, report.ToString());
    }
}
