using GameStack.ServiceDefaults.Listening;

namespace GameStack.Tests.ServiceDefaults.Listening;

public sealed class ListeningCapacityTests
{
    private const long Plenty = 1L << 40;
    private const long Mebibyte = 1 << 20;

    private static readonly ListeningCost Cost =
        new() { OwnDescriptors = 136, DescriptorsPerConnection = 2, BytesPerConnection = 60 * 1024 };

    [Theory]
    [InlineData(2000, Plenty, 0, 900)]
    [InlineData(1_000_000, 100 * Mebibyte, 0, 1024)]
    [InlineData(2000, 100 * Mebibyte, 0, 900)]
    [InlineData(2000, Plenty, 500, 500)]
    [InlineData(2000, Plenty, 5000, 900)]
    [InlineData(100, Plenty, 0, 0)]
    public void The_scarcest_thing_decides(long descriptors, long memory, int setting, int capacity) => Assert.Equal(
        capacity, ListeningCapacity.Of(new ListeningOptions { MaxConnections = setting }, Cost, descriptors, memory));

    [Theory]
    [InlineData(65_536, Plenty, 8160)]
    [InlineData(1024, Plenty, 96)]
    [InlineData(160, Plenty, 64)]
    [InlineData(65_536, 100 * Mebibyte, 960)]
    [InlineData(65_536, Mebibyte, 64)]
    public void A_port_of_its_own_has_a_quarter_of_the_scarcest_thing(long descriptors, long memory, int most) =>
        Assert.Equal(most, ListeningCapacity.Beside(2, 16 * 1024, descriptors, memory));

    [Fact]
    public void What_is_set_aside_is_not_for_clients()
    {
        var cost = new ListeningCost { OwnBytes = 30 * Mebibyte, BytesPerConnection = 60 * 1024 };

        Assert.Equal(512, ListeningCapacity.Of(new ListeningOptions(), cost, 1_000_000, 100 * Mebibyte));
        Assert.StartsWith(
            "This program has 50 MiB of memory, but needs at least 57 MiB",
            ListeningCapacity.WhyTooSmall(cost, 1_000_000, 50 * Mebibyte), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(328, 100 * Mebibyte, null)]
    [InlineData(327, 100 * Mebibyte, "The limit of open files (ulimit -n) is 327, but this program needs at least 328.")]
    [InlineData(328, 6 * Mebibyte, "This program has 6 MiB of memory, but needs at least 7 MiB for its connections.")]
    public void Too_little_is_said_in_one_sentence(long descriptors, long memory, string? why) =>
        Assert.Equal(why, ListeningCapacity.WhyTooSmall(Cost, descriptors, memory));
}
