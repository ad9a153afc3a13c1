using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// While draining, each response asks for its connection to be closed, so that the client's next request opens one and is balanced anew:
/// behind a cluster's service address a kept-alive connection stays with this process whatever its readiness says.
/// </summary>
internal sealed class DrainConnections(ShutdownState state) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            // HTTP/2 has no such header and is told with GOAWAY when the listener closes.
            if (state.IsDraining && context.Request.Protocol is "HTTP/1.1" or "HTTP/1.0")
                context.Response.Headers.Connection = "close";
            return following(context);
        });
        next(app);
    };
}
