using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Support;

/// <summary>
/// The whole graph of the AppHost, on free ports and with a data folder of its own. Redis and Postgres are programs, not containers.
/// </summary>
public sealed class Stack : IAsyncDisposable
{
    private readonly TestFolder? _ownData;

    private Stack(DistributedApplication app, TestFolder? ownData)
    {
        _ownData = ownData;
        App = app;
        Door = app.GetEndpoint("proxy", "http");
        Players = new ContractClient(new Uri(Door, "api/"));
        Proxy = new ContractClient(Door);
    }

    public DistributedApplication App { get; }

    /// <summary>The proxy's address.</summary>
    public Uri Door { get; }

    /// <summary>The gateway's address: <c>localhost:41234</c>.</summary>
    public string Gateway => App.GetEndpoint("proxy", "gateway").Authority;

    /// <summary>The match API, through the proxy.</summary>
    public ContractClient Players { get; }

    /// <summary>The proxy's own paths.</summary>
    public ContractClient Proxy { get; }

    /// <summary>Why the graph cannot run here, or null when it can.</summary>
    public static async Task<string?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        try
        {
            var options = new LocalServerOptions { DataFolder = Path.GetTempPath(), ToolsFolder = Repository.ToolsFolder };
            await RedisServer.FindProgramsAsync(options, cancellationToken);
            await PostgresServer.FindProgramsAsync(options, cancellationToken);
            return null;
        }
        catch (LocalServerUnavailableException e) when (!LocalServerFixture.MustRun)
        {
            return e.Message;
        }
    }

    /// <summary>Skips the test, saying why, where Redis and Postgres cannot be had as programs.</summary>
    public static async Task RequireProgramsAsync()
    {
        var obstacle = await FindObstacleAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
    }

    /// <summary>Starts the graph and waits until its proxy is healthy.</summary>
    /// <param name="settings">How it makes matches.</param>
    /// <param name="data">What the servers keep; null for a folder that is removed at the end.</param>
    public static async Task<Stack> StartAsync(StackSettings settings, TestFolder? data = null)
    {
        using var within = Waits.Within(Waits.Start);
        var ownData = data is null ? new TestFolder() : null;
        DistributedApplication? app = null;
        try
        {
            var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
                [
                    "--Servers=programs",
                    $"--Servers:DataFolder={(data ?? ownData)!.Path}",
                    .. settings.ForAppHost().Select(setting => $"--{setting.Key}={setting.Value}"),
                ],
                within.Token);
            builder.Services.AddLogging(logging => logging
                .AddFilter("AppHost.Resources", LogLevel.None)
                .AddFilter("Aspire.Hosting", LogLevel.Warning)
                .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
            app = await builder.BuildAsync(within.Token);
            await app.StartAsync(within.Token);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("proxy", within.Token);
            return new Stack(app, ownData);
        }
        catch
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            ownData?.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Players.Dispose();
        Proxy.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        _ownData?.Dispose();
    }
}
