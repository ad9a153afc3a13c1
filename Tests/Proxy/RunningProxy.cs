using GameStack.Proxy;
using GameStack.Proxy.Backends;
using GameStack.Proxy.Gateway;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Proxy;

/// <summary>The proxy as Program.cs builds it, in this process, on a free port.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningProxy(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = TestHttp.ClientOf(Address);
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The gateway's port, if the settings have a key for tickets.</summary>
    public int GatewayPort => Services.GetRequiredService<GatewayServer>().Port;

    /// <summary>Drains and stops.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public static Task<RunningProxy> StartAsync(StandInBackend backend, params string[] settings) =>
        StartAsync([backend.Address], settings);

    /// <param name="backends">Addresses, as Aspire would hand them over.</param>
    /// <param name="settings">Such as <c>RateLimit:Burst=1</c>.</param>
    public static Task<RunningProxy> StartAsync(IReadOnlyList<string> backends, params string[] settings) =>
        StartAsync(lookup: null, backends, settings);

    /// <param name="lookup">Stands for DNS; null for the machine's own.</param>
    /// <param name="backends">As above.</param>
    /// <param name="settings">As above.</param>
    public static async Task<RunningProxy> StartAsync(HostLookup? lookup, IReadOnlyList<string> backends, params string[] settings)
    {
        string[] args =
        [
            $"--contentRoot={Path.Combine(Repository.Root, "Proxy")}",
            "--urls=http://127.0.0.1:0",
            "--Shutdown:DrainSeconds=0",
            "--Forwarding:ConnectTimeout=00:01:00", // A busy machine is no fault.
            .. backends.Select((address, index) => $"--services:backend:http:{index}={address}"),
            .. settings.Select(setting => "--" + setting),
        ];

        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        if (lookup is not null)
            builder.Services.AddSingleton(lookup);

        var app = ProxyApp.Build(builder);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningProxy(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
