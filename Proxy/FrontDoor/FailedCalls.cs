using Microsoft.AspNetCore.Diagnostics;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Answers a call that fails in the proxy itself with a problem, as every other refusal. Comes before all other middleware. The failure is
/// logged; the client learns nothing about it. In Development, this replaces the page that ASP.NET Core would show.
/// </summary>
internal sealed class FailedCalls : IStartupFilter, IDeveloperPageExceptionFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseExceptionHandler(failed => failed.Run(AnswerAsync));
        next(app);
    };

    public Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next) => AnswerAsync(errorContext.HttpContext);

    private static Task AnswerAsync(HttpContext context)
    {
        // A failure removes all headers that were set before it.
        SecurityHeaders.AddTo(context.Response);
        return Problem.WriteAsync(context, StatusCodes.Status500InternalServerError, "The proxy failed to handle this call.");
    }
}
