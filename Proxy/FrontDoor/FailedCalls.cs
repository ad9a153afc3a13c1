namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Answers a call that fails in the proxy itself with a problem, as every other refusal. Comes before all other middleware. The failure is
/// logged; the client learns nothing about it.
/// </summary>
internal sealed class FailedCalls : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseExceptionHandler(failed =>
        {
            // A failure removes all headers that were set before it.
            failed.UseMiddleware<SecurityHeaders>();
            failed.Run(context => Problem.WriteAsync(
                context, StatusCodes.Status500InternalServerError, "The proxy failed to handle this call."));
        });
        next(app);
    };
}
