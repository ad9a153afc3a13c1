using GameStack.LoadTester.Stack;

namespace GameStack.Tests.LoadTester.Stack;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData(50, 1024)]
    [InlineData(387, 1024)]
    [InlineData(1_000_000, int.MaxValue)]
    public void Nothing_is_said_where_the_limit_suffices(int players, int limit) => Assert.Null(OpenFiles.Warn(players, limit));

    [Theory]
    [InlineData(388, 1024)]
    [InlineData(1, 100)]
    [InlineData(1_000_000, 1_048_576)]
    public void A_limit_that_may_be_too_low_is_named(int players, int limit)
    {
        var warning = OpenFiles.Warn(players, limit);

        Assert.Contains($"{players} players", warning, StringComparison.Ordinal);
        Assert.Contains($"only {limit}", warning, StringComparison.Ordinal);
        Assert.Contains("too many open files", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 25)]
    [InlineData(300, 75)]
    [InlineData(1024, 774)]
    [InlineData(1_000_000, 999_750)]
    public void The_program_keeps_descriptors_for_itself(int limit, int sockets) => Assert.Equal(sockets, OpenFiles.SocketsOf(limit));
}
