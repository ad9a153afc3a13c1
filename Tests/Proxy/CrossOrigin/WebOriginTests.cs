using GameStack.Proxy.CrossOrigin;

namespace GameStack.Tests.Proxy.CrossOrigin;

public sealed class WebOriginTests
{
    [Theory]
    [InlineData("https://play.example.com", "https://play.example.com")]
    [InlineData("HTTPS://Play.Example.COM", "https://play.example.com")]
    [InlineData("https://play.example.com:443", "https://play.example.com")]
    [InlineData("http://play.example.com:80", "http://play.example.com")]
    [InlineData("https://play.example.com:80", "https://play.example.com:80")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("http://[::1]:8080", "http://[::1]:8080")]
    [InlineData("https://[2001:DB8::1]", "https://[2001:db8::1]")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    public void An_origin_has_one_spelling(string text, string expected)
    {
        Assert.True(WebOrigin.TryParse(text, out var origin));
        Assert.Equal(expected, origin.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("play.example.com")]
    [InlineData("//play.example.com")]
    [InlineData("localhost:3000")]
    [InlineData("https://")]
    [InlineData("https://play.example.com/")]
    [InlineData("https://play.example.com/game")]
    [InlineData("https://play.example.com?x")]
    [InlineData("https://play.example.com#x")]
    [InlineData("https://user@play.example.com")]
    [InlineData("https://*.example.com")]
    [InlineData("https://a.example https://b.example")]
    [InlineData("https://a.example,https://b.example")]
    [InlineData("https://play.example.com:99999")]
    [InlineData("https://play example.com")]
    [InlineData("file:///home/me/page.html")]
    [InlineData("https:\\\\play.example.com")]
    [InlineData("https://xn--é.com")]
    [InlineData("https://א1.com")]
    public void Anything_else_is_no_origin(string? text) => Assert.False(WebOrigin.TryParse(text, out _));

    [Theory]
    [InlineData("http://game.example.com", "http://game.example.com", true)]
    [InlineData("https://game.example.com", "https://game.example.com", true)]
    [InlineData("https://game.example.com", "http://game.example.com", true)]
    [InlineData("https://game.example.com:8443", "http://game.example.com:8443", true)]
    [InlineData("http://game.example.com", "https://game.example.com", false)]
    [InlineData("http://game.example.com:8080", "http://game.example.com", false)]
    [InlineData("http://other.example.com", "http://game.example.com", false)]
    [InlineData("http://game.example.com.evil.example", "http://game.example.com", false)]
    [InlineData("capacitor://game.example.com", "http://game.example.com", false)]
    public void A_page_is_at_the_address_that_it_was_loaded_from(string page, string target, bool expected)
    {
        Assert.True(WebOrigin.TryParse(page, out var origin));
        Assert.True(WebOrigin.TryParse(target, out var address));

        Assert.Equal(expected, origin.IsAt(address));
    }
}
