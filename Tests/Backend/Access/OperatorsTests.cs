using System.Net;
using GameStack.Backend;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.Access;

public sealed class OperatorsTests
{
    private const string Key = "key-of-the-operators";
    private const string OtherKey = "the-key-that-comes-next";

    private static readonly (string, string) KeySetting = ("Operators:Key", Key);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development", null, null, null, true)]
    [InlineData("Production", null, null, null, false)]
    [InlineData("Staging", null, null, null, false)]
    [InlineData("Development", "Key", null, null, false)]
    [InlineData("Development", "SecondKey", null, null, false)]
    [InlineData("Development", null, "Jwt", null, false)]
    [InlineData("Development", null, "None", null, true)]
    [InlineData("Production", null, null, "Anyone", true)]
    [InlineData("Production", "Key", null, "Anyone", true)]
    [InlineData("Development", null, null, "Operators", false)]
    public async Task Strangers_may_operate_only_in_Development_without_a_key_unless_a_setting_says_otherwise(
        string environment, string? key, string? authentication, string? access, bool mayOperate)
    {
        await using var host = await OperatorHost.StartAsync(
            environment, settings:
            [
                ($"Operators:{key ?? "Nothing"}", Key), ("Players:Authentication", authentication ?? ""),
                ("Operators:Access", access ?? ""),
            ]);

        Assert.Equal(mayOperate ? HttpStatusCode.Accepted : HttpStatusCode.Unauthorized, await host.StatusAsync("/closed", key: null));
    }

    [Fact]
    public async Task A_refusal_says_how_to_be_an_operator()
    {
        await using var host = await OperatorHost.StartAsync(settings: KeySetting);

        using var response = await host.CallAsync(HttpMethod.Post, "/closed", key: null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("OperatorKey", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Operator-Key", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_keys_of_a_rotation_count_and_white_space_around_them_does_not()
    {
        await using var host = await OperatorHost.StartAsync(
            settings: [("Operators:Key", $" {Key}\n"), ("Operators:SecondKey", $"{OtherKey}\r\n")]);

        Assert.Equal(HttpStatusCode.Accepted, await host.StatusAsync("/closed", Key));
        Assert.Equal(HttpStatusCode.Accepted, await host.StatusAsync("/closed", OtherKey));
        Assert.Equal(HttpStatusCode.Unauthorized, await host.StatusAsync("/closed", Key + OtherKey));
    }

    [Theory]
    [InlineData("key-of-the-operator")]
    [InlineData("key-of-the-operators,key-of-the-operators")]
    [InlineData("")]
    public async Task A_wrong_key_is_refused_on_every_route_and_is_one_warning_a_minute(string wrong)
    {
        await using var host = await OperatorHost.StartAsync(settings: KeySetting);

        using var response = await host.CallAsync(HttpMethod.Get, "/open", wrong);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.NotEmpty(response.Headers.WwwAuthenticate);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await host.StatusAsync("/closed", wrong));
        }

        var warning = Assert.Single(host.Log.Of(EventIds.WrongOperatorKey));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("127.0.0.1", warning.Message, StringComparison.Ordinal);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.StatusAsync("/closed", wrong);
        Assert.Equal(2, host.Log.Of(EventIds.WrongOperatorKey).Count);
        Assert.DoesNotContain("key-of-the", host.Log.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer ann gamestack.operate", HttpStatusCode.Accepted)]
    [InlineData("Bearer ann openid gamestack.operate profile", HttpStatusCode.Accepted)]
    [InlineData("Bearer ann gamestack.operates", HttpStatusCode.Forbidden)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task A_token_makes_an_operator_if_it_has_the_scope(string? token, HttpStatusCode expected)
    {
        await using var host = await OperatorHost.StartAsync(checksTokens: true);

        Assert.Equal(expected, await host.StatusAsync("/closed", token, "Authorization"));

        string[] operators = expected == HttpStatusCode.Accepted ? ["ann"] : [];
        Assert.Equal(operators, host.Log.Of(EventIds.OperatorActed).Select(record => (string?)record.Properties["Operator"]));
    }

    [Fact]
    public async Task Where_tokens_are_not_checked_none_counts()
    {
        await using var host = await OperatorHost.StartAsync(settings: KeySetting);

        Assert.Equal(HttpStatusCode.Unauthorized, await host.StatusAsync("/closed", "Bearer ann gamestack.operate", "Authorization"));
    }

    [Fact]
    public async Task Each_call_of_an_operator_is_one_event_of_the_audit_log()
    {
        var match = Guid.NewGuid();
        await using var host = await OperatorHost.StartAsync(settings: KeySetting);

        await host.StatusAsync($"/closed/{match}", Key);
        await host.StatusAsync("/closed/%0Aforged", Key);
        await host.StatusAsync("/closed", key: null);

        var events = host.Log.Of(EventIds.OperatorActed);
        Assert.Equal(2, events.Count);
        Assert.Equal(
            $"Operator {OperatorHost.NameOf(Key)} called POST /closed/{{session_id?}} (match {match}) from 127.0.0.1; the answer was 202",
            events[0].Message);
        Assert.Equal("-", events[1].Properties["MatchId"]);
    }
}
