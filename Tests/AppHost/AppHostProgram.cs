using System.Globalization;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.AppHost;

/// <summary>
/// The AppHost as a separate process, started as <c>dotnet run</c> starts it but on free ports. For tests that must look from outside: at
/// signals, exit codes, and processes that remain after the end.
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

    /// <param name="dataFolder">The data folder of its servers.</param>
    /// <param name="settings">Additional environment variables.</param>
    /// <param name="asGroup">Whether it leads its own process group, as it does when a shell starts it.</param>
    public static AppHostProgram Start(TestFolder dataFolder, IReadOnlyDictionary<string, string?> settings, bool asGroup = false)
    {
        var mark = Guid.NewGuid().ToString("N");
        var port = FreePort.Next();
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [MarkName] = mark,
            ["Servers__DataFolder"] = dataFolder.Path,
            ["Proxy__Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["Gateway__Port"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),

            // The settings of the launch profile that `dotnet run` reads, but on ports that no other run uses.
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

        var program = RunningProgram.Start("AppHost", environment, asGroup);
        return new AppHostProgram(program, mark, new Uri(Loopback(port)));
    }

    /// <summary>Starts the AppHost with two players per match, and waits until its proxy is healthy.</summary>
    public static async Task<AppHostProgram> StartHealthyAsync(
        TestFolder dataFolder, IReadOnlyDictionary<string, string?> settings, bool asGroup = false)
    {
        var pairs = new Dictionary<string, string?>(settings, StringComparer.Ordinal) { ["SESSION_SIZE"] = "2" };
        var appHost = Start(dataFolder, pairs, asGroup);
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

    /// <summary>Every process of this run that is running now.</summary>
    public IReadOnlyList<ProcessEntry> Processes() => ProcessTable.Find(_mark);

    /// <summary>Waits until none of <paramref name="before"/> is running, and nothing that was started since.</summary>
    public async Task WaitUntilGoneAsync(IReadOnlyList<ProcessEntry> before)
    {
        List<ProcessEntry> left = [];
        try
        {
            await Eventually.IsAsync("all gone", _ => Task.FromResult(FindLeft().Count == 0), Waits.Patient);
        }
        catch (TimeoutException)
        {
            throw Program.Failure($"it left processes behind: {string.Join("; ", left)}");
        }

        List<ProcessEntry> FindLeft() => left = [.. before.Where(process => process.IsRunning).Union(Processes())];
    }

    public async ValueTask DisposeAsync()
    {
        Players.Dispose();
        Proxy.Dispose();
        try
        {
            var before = Processes();
            Program.Signal(UnixSignals.Interrupt);
            await WaitUntilGoneAsync(before);
        }
        finally
        {
            await Program.DisposeAsync();
        }
    }

    private static string Loopback(int port) => $"http://127.0.0.1:{port}";
}
