using System.Globalization;
using GameStack.Tests.EndToEnd;
using GameStack.Tests.Infrastructure;
using LocalServers;

namespace GameStack.Tests.AppHost;

/// <summary>
/// The AppHost as a process of its own, started as <c>dotnet run</c> starts it but on free ports: for what must be seen from outside, such as
/// signals, exit codes, and what is left when it has ended.
/// </summary>
internal sealed class AppHostProgram : IAsyncDisposable
{
    private const string MarkName = "GAMESTACK_TEST_APPHOST";

    private readonly string _mark;

    private AppHostProgram(RunningProgram program, string mark, Uri door)
    {
        Program = program;
        _mark = mark;
        Players = new ContractClient(new Uri(door, "api/"));
        Proxy = new ContractClient(door);
    }

    public RunningProgram Program { get; }

    /// <summary>The match API, through the proxy.</summary>
    public ContractClient Players { get; }

    /// <summary>The proxy's own paths.</summary>
    public ContractClient Proxy { get; }

    /// <param name="dataFolder">What its servers keep.</param>
    /// <param name="settings">Environment variables besides.</param>
    /// <param name="asGroup">Whether it leads a process group, as a shell has it.</param>
    public static AppHostProgram Start(TestFolder dataFolder, IReadOnlyDictionary<string, string?> settings, bool asGroup = false)
    {
        var mark = Guid.NewGuid().ToString("N");
        var port = FreePort.Next();
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [MarkName] = mark,
            ["Servers__DataFolder"] = dataFolder.Path,
            ["Proxy__Port"] = port.ToString(CultureInfo.InvariantCulture),

            // What the launch profile says that `dotnet run` reads, on ports that no other run has.
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = Loopback(FreePort.Next()),
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Loopback(FreePort.Next()),
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = Loopback(FreePort.Next()),
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return new AppHostProgram(RunningProgram.Start("AppHost", environment, asGroup), mark, new Uri(Loopback(port)));
    }

    /// <summary>Starts it, with programs for Redis and Postgres, and waits until its proxy is healthy.</summary>
    public static async Task<AppHostProgram> StartHealthyAsync(TestFolder dataFolder, IReadOnlyDictionary<string, string?> settings, bool asGroup = false)
    {
        var obstacle = await Stack.FindObstacleAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
        var appHost = Start(dataFolder, new Dictionary<string, string?>(settings, StringComparer.Ordinal) { ["SESSION_SIZE"] = "2" }, asGroup);
        try
        {
            await appHost.Program.WaitUntilHealthyAsync(appHost.Proxy, Waits.Start);
            return appHost;
        }
        catch
        {
            await appHost.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every process of this run that lives now.</summary>
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
        Program.Signal(RunningProgram.SigInt);
        var left = await WaitUntilGoneAsync(before);
        await Program.DisposeAsync();
        Players.Dispose();
        Proxy.Dispose();
        if (left.Count > 0)
        {
            throw Program.Failure($"it left processes behind: {string.Join("; ", left)}");
        }
    }

    private static string Loopback(int port) => $"http://127.0.0.1:{port}";
}
