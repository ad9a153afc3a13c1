using GameStack.Contracts.Api;

namespace GameStack.Backend.Api;

/// <summary>Adds the <see cref="BackendMark"/> to every answer.</summary>
internal sealed class MarkedAnswers : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            // Only when the answer starts: until then, a failure clears the headers.
            context.Response.OnStarting(Mark, context.Response);
            return following(context);
        });
        next(app);
    };

    private static Task Mark(object response)
    {
        ((HttpResponse)response).Headers[BackendMark.Header] = BackendMark.Value;
        return Task.CompletedTask;
    }
}
