using System.Text.Json;
using GameStack.Backend;
using GameStack.Backend.Api;
using GameStack.Tests.Backend.GameServers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Api;

public sealed class DependencyUnavailableHandlerTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    public async Task Whatever_the_caller_accepts_an_absent_dependency_is_told_as_a_problem(string accept)
    {
        await using var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Headers.Accept = accept;
        context.Response.Body = body;

        var handled = await new DependencyUnavailableHandler(TimeProvider.System, NullLogger<DependencyUnavailableHandler>.Instance)
            .TryHandleAsync(context, new DependencyUnavailableException("Postgres", "it does not answer", new TimeoutException()),
                TestContext.Current.CancellationToken);

        Assert.True(handled);
        Assert.Equal(503, context.Response.StatusCode);
        Assert.Equal("1", context.Response.Headers.RetryAfter);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        using var problem = JsonDocument.Parse(body.ToArray());
        Assert.Equal(503, problem.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task An_outage_is_one_warning_a_minute_and_none_if_it_is_in_the_log_already()
    {
        const int warning = 180;
        await using var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        using var log = new LogRecords();
        using var logs = new LoggerFactory([log]);
        var time = new FakeTimeProvider();
        var handler = new DependencyUnavailableHandler(time, logs.CreateLogger<DependencyUnavailableHandler>());

        await FailAsync("Redis", outage: TimeSpan.FromSeconds(1));
        Assert.Empty(log.Of(warning));
        await FailAsync("Postgres");
        await FailAsync("Postgres");
        await FailAsync("Kubernetes");
        Assert.Equal(2, log.Of(warning).Count);
        time.Advance(TimeSpan.FromMinutes(1));
        await FailAsync("Postgres");
        Assert.Equal(3, log.Of(warning).Count);

        async Task FailAsync(string dependency, TimeSpan? outage = null)
        {
            var context = new DefaultHttpContext { RequestServices = services };
            var exception = new DependencyUnavailableException(dependency, "It does not answer.") { Outage = outage };
            Assert.True(await handler.TryHandleAsync(context, exception, TestContext.Current.CancellationToken));
        }
    }
}
