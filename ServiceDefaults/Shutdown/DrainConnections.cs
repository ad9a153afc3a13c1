using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// While draining, each response asks the client to close its connection, so that the next request opens a new one and is balanced again.
/// Behind a cluster's service address, a kept-alive connection stays with this process whatever its readiness says.
/// </summary>
internal sealed class DrainConnections(ShutdownState state) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            // HTTP/2 has no such header; its clients get a GOAWAY when the listener closes.
            if (state.IsDraining && context.Request.Protocol is "HTTP/1.1" or "HTTP/1.0")
                context.Response.Headers.Connection = "close";
            return following(context);
        });
        next(app);
    };
}
