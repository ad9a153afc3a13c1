using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using GameStack.Tests.Infrastructure;
using LocalServers;

namespace GameStack.Tests.EndToEnd;

/// <summary>The whole graph, started as a newcomer starts it: the AppHost's own program, here on free ports and with a data folder of its own.</summary>
public sealed class Stack : IAsyncDisposable
{
    private const string MarkName = "GAMESTACK_TEST_STACK";

    private readonly RunningProgram _appHost;
    private readonly string _mark;
    private readonly TestFolder _data;

    private Stack(RunningProgram appHost, string mark, TestFolder data, Uri door)
    {
        _appHost = appHost;
        _mark = mark;
        _data = data;
        Door = door;
        Players = new ContractClient(new Uri(door, "api/"));
        Proxy = new ContractClient(door);
    }

    /// <summary>The proxy's address.</summary>
    public Uri Door { get; }

    /// <summary>The match API, through the proxy.</summary>
    public ContractClient Players { get; }

    /// <summary>The proxy's own paths.</summary>
    public ContractClient Proxy { get; }

    public RunningProgram AppHost => _appHost;

    /// <summary>Whether the AppHost was built with Aspire's own packages.</summary>
    public static bool IsRealAspire { get; } =
        typeof(Stack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Any(metadata => metadata is { Key: "PackageSet", Value: "nuget" });

    /// <summary>Why the graph cannot run here, or null when it can. Only the real Aspire needs what a machine may lack: a container engine.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    public static async Task<Stack> StartAsync(StackSettings settings, bool asGroup = false)
    {
        Assert.SkipWhen(Obstacle is not null, Obstacle ?? "");

        var mark = Guid.NewGuid().ToString("N");
        var data = new TestFolder();
        var port = FreePort.Next();
        var appHost = RunningProgram.Start("AppHost", new Dictionary<string, string?>
        {
            [MarkName] = mark,
            ["Fallback__DataFolder"] = data.Path,
            ["Fallback__Dashboard"] = "false",

            // What the launch profile says that `dotnet run` reads, on ports that no other run has.
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = Loopback(FreePort.Next()),
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Loopback(FreePort.Next()),
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = Loopback(FreePort.Next()),
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",

            ["Proxy__Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["SESSION_SIZE"] = settings.SessionSize.ToString(CultureInfo.InvariantCulture),
            ["MIN_PARTIAL_SESSION_SIZE"] = settings.MinPartialSessionSize.ToString(CultureInfo.InvariantCulture),
            ["CLIENTS"] = settings.Clients.ToString(CultureInfo.InvariantCulture),
            ["MATCH_DURATION"] = "2",
            ["FLUSH_WAIT_SECONDS"] = settings.FlushWaitSeconds.ToString(CultureInfo.InvariantCulture),
        }, asGroup);
        var stack = new Stack(appHost, mark, data, new Uri(Loopback(port)));
        try
        {
            await appHost.WaitUntilHealthyAsync(stack.Proxy, Waits.Start);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every process of this stack that runs now.</summary>
    public IReadOnlyList<ProcessEntry> Processes() => ProcessTable.Find(_mark);

    /// <summary>What still runs of <paramref name="before"/>, or was started since, once all had their time to end.</summary>
    public async Task<IReadOnlyList<ProcessEntry>> WaitUntilGoneAsync(IReadOnlyList<ProcessEntry> before)
    {
        using var within = Waits.Within(Waits.Patient);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            List<ProcessEntry> left = [.. before.Where(process => process.IsRunning).Union(Processes())];
            if (left.Count == 0 || within.IsCancellationRequested)
            {
                return left;
            }

            // A process that is not our child tells nobody that it has ended: the only way to know is to look.
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var before = Processes();
        _appHost.Signal(RunningProgram.SigInt);
        var left = await WaitUntilGoneAsync(before);
        await _appHost.DisposeAsync();
        Players.Dispose();
        Proxy.Dispose();
        _data.Dispose();
        if (left.Count > 0)
        {
            throw _appHost.Failure($"it left processes behind: {string.Join("; ", left)}");
        }
    }

    private static string Loopback(int port) => $"http://127.0.0.1:{port}";

    private static string? FindObstacle() =>
        IsRealAspire && !HasContainerEngine() ? "Aspire runs Redis and Postgres as containers, and no container engine answers here." : null;

    private static bool HasContainerEngine()
    {
        using var info = Process.Start("sh", ["-c", "{ docker info || podman info; } >/dev/null 2>&1"]);
        info.WaitForExit();
        return info.ExitCode == 0;
    }
}
