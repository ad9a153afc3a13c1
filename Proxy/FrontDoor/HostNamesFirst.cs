namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Checks hosts before anything else reads them, even before the middleware that ASP.NET Core itself puts in front of all others: with
/// <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>, it reads <c>X-Forwarded-Host</c> there, and throws if the header has no host name.
/// </summary>
internal sealed class HostNamesFirst : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<HostNames>();
        next(app);
    };
}
