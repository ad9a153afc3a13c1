using FsCheck;
using FsCheck.Fluent;
using GameStack.LoadTester.Report;

namespace GameStack.Tests.LoadTester.Report;

public sealed class PercentilesTests
{
    [Fact]
    public void Of_nothing_there_are_none()
    {
        Assert.Equal(new Percentiles { Count = 0 }, Percentiles.Of([]));
    }

    [Fact]
    public void Of_one_value_all_are_that_value()
    {
        Assert.Equal(new Percentiles { Count = 1, P50 = 3, P90 = 3, P99 = 3, Max = 3 }, Percentiles.Of([3]));
    }

    [Fact]
    public void Of_1_to_100_in_any_order_the_percentile_is_the_value()
    {
        var values = Enumerable.Range(1, 100).Select(value => (double)value).Reverse().ToArray();

        Assert.Equal(new Percentiles { Count = 100, P50 = 50, P90 = 90, P99 = 99, Max = 100 }, Percentiles.Of(values));
    }

    [Fact]
    public void Of_few_values_the_99th_is_the_largest()
    {
        var percentiles = Percentiles.Of([5, 1, 4, 2, 3]);

        Assert.Equal((3, 5, 5), (percentiles.P50, percentiles.P90, percentiles.P99));
    }

    [Fact]
    public void A_percentile_is_the_smallest_value_that_enough_of_all_do_not_exceed()
    {
        Prop.ForAll<NonEmptyArray<int>>(array =>
        {
            var values = array.Get.Select(value => (double)value).ToArray();
            var percentiles = Percentiles.Of([.. values]);
            return IsRank(percentiles.P50, 50)
                && IsRank(percentiles.P90, 90)
                && IsRank(percentiles.P99, 99)
                && percentiles.Max == values.Max();

            bool IsRank(double percentile, int percent) =>
                values.Contains(percentile)
                && values.Count(value => value <= percentile) * 100 >= values.Length * percent
                && values.Count(value => value < percentile) * 100 < values.Length * percent;
        }).QuickCheckThrowOnFailure();
    }
}
