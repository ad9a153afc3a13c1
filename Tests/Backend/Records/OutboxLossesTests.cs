using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Records;

public sealed class OutboxLossesTests : IDisposable
{
    private const int Dropping = 306;
    private const int Dropped = 307;

    private readonly TestLosses _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Each_time_there_is_one_warning_and_in_the_end_the_number()
    {
        for (var times = 1; times <= 2; times++)
        {
            _test.Losses.Add(2);
            _test.Losses.Add(0);
            _test.Losses.Add(1);
            Assert.Equal(times, _test.Log.Of(Dropping).Count);
            _test.Losses.End();
            _test.Losses.End();
        }

        Assert.Equal(6, _test.Dropped);
        Assert.All(_test.Log.Of(Dropping), record => Assert.Equal(LogLevel.Warning, record.Level));
        Assert.Equal([3L, 3L], _test.Log.Of(Dropped).Select(record => record.Properties["Count"]));
    }

    [Fact]
    public void Without_a_loss_nothing_is_logged()
    {
        _test.Losses.Add(0);
        _test.Losses.End();

        Assert.Empty(_test.Log.ToString());
    }
}
