using System.Net;
using GameStack.Proxy;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Proxy.FrontDoor;

public sealed class FailedCallsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_call_that_fails_in_the_proxy_is_answered_with_a_problem_that_does_not_say_why(string environment)
    {
        var builder = WebApplication.CreateBuilder(
        [
            $"--environment={environment}", "--urls=http://127.0.0.1:0", "--Shutdown:DrainSeconds=0", "--BACKEND_URL=http://127.0.0.1:9",
        ]);
        builder.Logging.ClearProviders();
        await using var proxy = ProxyApp.Build(builder);
        proxy.MapGet("/fails", string () => throw new InvalidOperationException("A secret."));
        await proxy.StartAsync(Cancelled);
        using var client = TestHttp.ClientOf(new Uri(proxy.Urls.Single()));

        using var response = await client.GetAsync("/fails", Cancelled);

        await ProblemAssert.IsAsync(HttpStatusCode.InternalServerError, response);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }
}
