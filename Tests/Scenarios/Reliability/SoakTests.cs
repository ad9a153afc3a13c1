using System.Globalization;
using GameStack.Tests.Support;
using GameStack.Tests.Support.Reliability;

namespace GameStack.Tests.Scenarios.Reliability;

[Collection(MachineCollection.Name)]
public sealed class SoakTests(RedisFixture redis, PostgresFixture postgres, ITestOutputHelper output)
{
    /// <summary>A minute in CI; less where somebody waits for the run.</summary>
    private static int Seconds => int.Parse(
        Environment.GetEnvironmentVariable("GAMESTACK_SOAK_SECONDS")
            ?? (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase) ? "60" : "20"),
        CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_promise_is_kept_while_something_is_killed_every_few_seconds()
    {
        var report = await new Soak(TimeSpan.FromSeconds(Seconds), Environment.TickCount, output.WriteLine).RunAsync(redis, postgres);

        Assert.True(report.IsKept, report.ToString());
    }
}
