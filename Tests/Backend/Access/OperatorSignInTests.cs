using System.Net;
using GameStack.Backend;

namespace GameStack.Tests.Backend.Access;

public sealed class OperatorSignInTests
{
    private const string Key = "key-of-the-operators";
    private const string OtherKey = "the-key-that-comes-next";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_that_has_shown_a_key_is_an_operator_until_it_signs_out_or_twelve_hours_have_passed()
    {
        await using var host = await StartAsync(Key);
        var cookie = await SignedInAsync(host);

        Assert.Equal(HttpStatusCode.Accepted, await host.StatusAsync("/closed", cookie, "Cookie"));
        using var signOut = await host.CallAsync(HttpMethod.Post, "/operators/sign-out", cookie, "Cookie");
        var removed = Assert.Single(signOut.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("gamestack-operator=; expires=Thu, 01 Jan 1970", removed, StringComparison.Ordinal);
        Assert.DoesNotContain("max-age", removed, StringComparison.Ordinal);

        host.Time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(HttpStatusCode.Unauthorized, await host.StatusAsync("/closed", cookie, "Cookie"));
    }

    [Fact]
    public async Task No_script_sees_the_cookie_and_no_other_page_sends_it()
    {
        await using var host = await StartAsync(Key);

        using var response = await host.SignInAsync($" {Key} ");

        Assert.Equal((HttpStatusCode.SeeOther, "sign-in"), (response.StatusCode, response.Headers.Location?.OriginalString));
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.EndsWith("; max-age=43200; path=/; samesite=strict; httponly", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, cookie, StringComparison.Ordinal);
        Assert.Equal(
            $"Operator {OperatorHost.NameOf(Key)} called POST /operators/sign-in (match -) from 127.0.0.1; the answer was 303",
            Assert.Single(host.Log.Of(EventIds.OperatorActed)).Message);
    }

    /// <summary>A page that was loaded over TLS says so itself, even if the load balancer in front of the proxy does not.</summary>
    [Theory]
    [InlineData("https://play.example.com", true)]
    [InlineData("http://localhost:8080", false)]
    [InlineData(null, false)]
    public async Task A_browser_that_uses_TLS_sends_the_cookie_only_over_TLS(string? origin, bool expected)
    {
        await using var host = await StartAsync(Key);

        using var response = await host.SignInAsync(Key, origin);

        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(expected, cookie.Contains("; secure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_backend_takes_the_cookie_until_its_key_is_gone()
    {
        await using var first = await StartAsync(Key);
        var cookie = await SignedInAsync(first);
        await using var rotating = await StartAsync(OtherKey, Key);
        await using var rotated = await StartAsync(OtherKey);

        Assert.Equal(HttpStatusCode.Accepted, await rotating.StatusAsync("/closed", cookie, "Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, await rotated.StatusAsync("/closed", cookie, "Cookie"));
        using var open = await rotated.CallAsync(HttpMethod.Get, "/open", cookie, "Cookie");
        Assert.Equal("Stranger ", await open.Content.ReadAsStringAsync(Cancelled));
    }

    [Theory]
    [InlineData("no key of theirs")]
    [InlineData("")]
    public async Task A_wrong_key_gets_the_page_again_and_no_cookie(string wrong)
    {
        await using var host = await StartAsync(Key);

        using var response = await host.SignInAsync(wrong);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Contains("<form method=\"post\" action=\"sign-in\">", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Single(host.Log.Of(EventIds.WrongOperatorKey));
        Assert.Empty(host.Log.Of(EventIds.OperatorActed));
    }

    [Fact]
    public async Task The_page_says_who_is_signed_in_and_runs_no_script()
    {
        await using var host = await StartAsync(Key);
        using var before = await host.CallAsync(HttpMethod.Get, "/operators/sign-in", key: null);
        using var after = await host.CallAsync(HttpMethod.Get, "/operators/sign-in", await SignedInAsync(host), "Cookie");

        Assert.Equal("text/html", before.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(before.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains("type=\"password\"", await before.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Contains($"operator {OperatorHost.NameOf(Key)}", await after.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data; boundary=x", HttpStatusCode.BadRequest)]
    public async Task What_is_no_form_is_refused(string type, HttpStatusCode expected)
    {
        await using var host = await StartAsync(Key);
        using var content = new StringContent("{}");
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await host.Client.PostAsync("/operators/sign-in", content, Cancelled);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private static Task<OperatorHost> StartAsync(string key, string secondKey = "") =>
        OperatorHost.StartAsync(settings: [("Operators:Key", key), ("Operators:SecondKey", secondKey)]);

    private static async Task<string> SignedInAsync(OperatorHost host)
    {
        using var response = await host.SignInAsync(Key);
        return Assert.Single(response.Headers.GetValues("Set-Cookie")).Split(';')[0];
    }
}
