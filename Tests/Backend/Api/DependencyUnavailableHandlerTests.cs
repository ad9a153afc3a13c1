using System.Text.Json;
using GameStack.Backend;
using GameStack.Backend.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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

        var handled = await new DependencyUnavailableHandler(NullLogger<DependencyUnavailableHandler>.Instance)
            .TryHandleAsync(context, new DependencyUnavailableException("Postgres", "it does not answer", new TimeoutException()),
                TestContext.Current.CancellationToken);

        Assert.True(handled);
        Assert.Equal(503, context.Response.StatusCode);
        Assert.Equal("1", context.Response.Headers.RetryAfter);
        Assert.Equal("application/problem+json", context.Response.ContentType);
        using var problem = JsonDocument.Parse(body.ToArray());
        Assert.Equal(503, problem.RootElement.GetProperty("status").GetInt32());
    }
}
