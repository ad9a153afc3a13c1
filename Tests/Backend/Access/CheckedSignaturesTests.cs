using GameStack.Backend.Access;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Tests.Backend.Access;

public sealed class CheckedSignaturesTests
{
    private readonly CheckedSignatures _checked = new();

    [Fact]
    public void A_token_is_checked_once_while_the_same_keys_count()
    {
        var keys = new TrustedKeys([], Authority: null);
        Assert.False(_checked.Contains("token", keys));

        _checked.Add("token", keys);

        Assert.True(_checked.Contains("token", keys));
        Assert.False(_checked.Contains("another", keys));
    }

    [Fact]
    public void Other_keys_check_every_token_again()
    {
        var (old, fresh) = (Keys(), Keys());
        Assert.False(_checked.Contains("token", old));
        _checked.Add("token", old);
        Assert.False(_checked.Contains("token", fresh));

        // This check began with the old keys.
        _checked.Add("token", old);

        Assert.False(_checked.Contains("token", fresh));
    }

    [Fact]
    public void A_token_that_is_used_stays_among_any_number_of_others()
    {
        var keys = Keys();
        Assert.False(_checked.Contains("token", keys));
        _checked.Add("token", keys);
        for (var i = 0; i < 200_000; i++)
        {
            _checked.Add($"other {i}", keys);
            if (i % 10_000 == 0)
            {
                Assert.True(_checked.Contains("token", keys));
            }
        }

        Assert.True(_checked.Contains("token", keys));
        Assert.False(_checked.Contains("other 0", keys));
    }

    private static TrustedKeys Keys() => new([new SymmetricSecurityKey(new byte[32])], Authority: null);
}
