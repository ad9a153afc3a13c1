using GameStack.Backend.Faults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Faults;

public sealed class FaultPointsTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Without_the_setting_every_step_is_passed_at_once()
    {
        using var host = Build();

        Assert.IsType<NoFaultPoints>(host.Services.GetRequiredService<IFaultPoints>());
        Assert.All(Enum.GetValues<MatchStep>(), step => Assert.True(
            host.Services.GetRequiredService<IFaultPoints>().ReachAsync(step, Cancelled).AsTask().IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_delay_begins_at_the_time_it_is_set_for_and_holds_up_no_other_step()
    {
        using var host = Build(
            ("Faults:Step", "Assigned"), ("Faults:Action", "Delay"), ("Faults:After", "2"), ("Faults:DelayMilliseconds", "300"));
        var faults = host.Services.GetRequiredService<IFaultPoints>();

        Assert.True(faults.ReachAsync(MatchStep.Assigned, Cancelled).AsTask().IsCompletedSuccessfully);
        Assert.True(faults.ReachAsync(MatchStep.Claimed, Cancelled).AsTask().IsCompletedSuccessfully);
        var second = faults.ReachAsync(MatchStep.Assigned, Cancelled).AsTask();
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        await second.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.False(faults.ReachAsync(MatchStep.Assigned, Cancelled).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_number_that_makes_no_sense_is_refused_at_the_start()
    {
        using var host = Build(("Faults:Step", "Queued"), ("Faults:After", "0"));

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancelled));

        Assert.Contains("Faults:After", failure.Message, StringComparison.Ordinal);
    }

    private IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)));
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddFaultPoints();
        builder.AddFaultPoints();
        return builder.Build();
    }
}
