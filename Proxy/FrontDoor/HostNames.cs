using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Refuses a host that is no host name, such as <c>xn--</c>, since everything that asks for it would throw: in <c>Host</c>, and where a
/// load balancer names the client's, in <c>X-Forwarded-Host</c>. An empty <c>Host</c> is no host at all.
/// </summary>
internal sealed class HostNames(RequestDelegate next, IOptions<ForwardedHeadersOptions> forwarded)
{
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.Host is [""])
            headers.Host = default;

        var isForwarded = forwarded.Value.ForwardedHeaders.HasFlag(ForwardedHeaders.XForwardedHost);
        return AreReadable(headers.Host.ToString()) && (!isForwarded || AreReadable(headers["X-Forwarded-Host"].ToString()))
            ? next(context)
            : Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "The header Host has no valid host name.");
    }

    private static bool AreReadable(string hosts)
    {
        try
        {
            foreach (var host in hosts.Split(',', StringSplitOptions.TrimEntries))
            {
                _ = HostString.FromUriComponent(host).ToUriComponent();
            }

            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
