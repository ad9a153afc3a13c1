using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.EndToEnd;

/// <summary>The whole graph, started as a newcomer starts it: the AppHost's own program, here on free ports and with a data folder of its own.</summary>
public sealed class Stack : IAsyncDisposable
{
    private const string MarkName = "GAMESTACK_TEST_STACK";

    private readonly RunningProgram _appHost;
    private readonly string _mark;
    private readonly string _dataFolder;

    private Stack(RunningProgram appHost, string mark, string dataFolder, Uri door)
    {
        _appHost = appHost;
        _mark = mark;
        _dataFolder = dataFolder;
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

    /// <summary>Why the graph cannot run here, or null when it can. Only the real Aspire needs what a machine may lack: a container engine.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    public static async Task<Stack> StartAsync(int sessionSize)
    {
        Assert.SkipWhen(Obstacle is not null, Obstacle ?? "");

        var mark = Guid.NewGuid().ToString("N");
        var dataFolder = Directory.CreateTempSubdirectory("gamestack-").FullName;
        var door = new Uri($"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}");
        var appHost = RunningProgram.Start("AppHost", new Dictionary<string, string?>
        {
            [MarkName] = mark,
        });
        var stack = new Stack(appHost, mark, dataFolder, door);
        try
        {
            await stack.WaitUntilHealthyAsync();
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every process of this stack that runs now.</summary>
    public IReadOnlyList<ProcessEntry> Processes() => ProcessTable.Find(_appHost.Id, _mark);

    /// <summary>What still runs of <paramref name="before"/>, or was started since, once all had their time to end.</summary>
    public async Task<IReadOnlyList<ProcessEntry>> WaitUntilGoneAsync(IReadOnlyList<ProcessEntry> before)
    {
        using var within = Waits.Within(Waits.Long);
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
        DeleteDataFolder();
        if (left.Count > 0)
        {
            throw _appHost.Failure($"it left processes behind: {string.Join("; ", left)}");
        }
    }
}
