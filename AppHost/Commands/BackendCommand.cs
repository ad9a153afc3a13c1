using GameStack.Contracts.Api;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.AppHost.Commands;

/// <summary>What the backend's commands share.</summary>
internal static class BackendCommand
{
    public static ResourceCommandState EnabledWhileHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus is HealthStatus.Healthy ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    /// <summary>A client of the backend's match API, which calls as an operator if the backend has inherited an operator key.</summary>
    public static HttpClient Api(ExecuteCommandContext context, IResourceBuilder<ProjectResource> backend)
    {
        var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        client.BaseAddress = new Uri(backend.GetEndpoint("http").Url);
        if (context.Services.GetRequiredService<IConfiguration>()["Operators:Key"]?.Trim() is { Length: > 0 } key)
        {
            client.DefaultRequestHeaders.Add(CredentialHeaders.OperatorKey, key);
        }

        return client;
    }
}
