using GameStack.Backend.Access;

namespace GameStack.Tests.Backend.Access;

public sealed class OperatorKeyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly OperatorKey _key = new("0123456789abcdef");

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcdeF", false)]
    [InlineData("0123456789abcde", false)]
    [InlineData("", false)]
    public void Only_the_whole_key_is_the_key(string text, bool isKey) => Assert.Equal(isKey, _key.Is(text));

    [Fact]
    public void The_name_is_the_start_of_the_keys_hash() => Assert.Equal("9f9f5111", _key.Name);

    [Fact]
    public void A_session_counts_until_its_end_for_every_backend_with_the_key()
    {
        var session = _key.CreateSession(Noon);
        var elsewhere = new OperatorKey("0123456789abcdef");

        Assert.True(elsewhere.IsSession(session, Noon.AddSeconds(-1)));
        Assert.False(elsewhere.IsSession(session, Noon));
    }

    [Fact]
    public void Another_key_does_not_know_the_session() =>
        Assert.False(new OperatorKey("fedcba9876543210").IsSession(_key.CreateSession(Noon), Noon.AddHours(-1)));

    [Fact]
    public void A_changed_session_is_none()
    {
        var session = _key.CreateSession(Noon);
        var (end, signature) = (session[..session.IndexOf('.')], session[session.IndexOf('.')..]);
        string[] changed =
        [
            "", ".", end, signature, $"{end}.", $"0{session}", $"+{session}", $"{session} ", $" {session}", $"{end}0{signature}",
            $"9{end[1..]}{signature}", session[..^1], $"99999999999999999999{signature}", $"{end}.{session}",
        ];

        Assert.All(changed, text => Assert.False(_key.IsSession(text, Noon.AddHours(-1)), text));
    }
}
