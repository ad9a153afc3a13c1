using System.Globalization;

namespace GameStack.Tests.Support;

/// <summary>
/// A backend as a process of its own, without an AppHost, with settings of the test's own. Its game servers are processes that the test may
/// stop and kill.
/// </summary>
public sealed class BackendProcess : IAsyncDisposable
{
    private BackendProcess(RunningProgram program, string name, Uri root)
    {
        Program = program;
        Name = name;
        Root = root;
        Client = new ContractClient(root);
        Http = TestHttp.ClientOf(root);
    }

    public RunningProgram Program { get; }

    /// <summary>What it calls itself in its records.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public Uri Root { get; }

    public ContractClient Client { get; }

    /// <summary>For answers of which the headers matter.</summary>
    public HttpClient Http { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="name">What it calls itself in its records.</param>
    /// <param name="stores">What it shares with others.</param>
    /// <param name="settings">How it makes matches.</param>
    /// <param name="more">Environment variables besides.</param>
    public static async Task<BackendProcess> StartAsync(
        string name, BackendStores stores, StackSettings settings, params (string Name, string Value)[] more)
    {
        var program = RunningProgram.Start("Backend", Environment(name, stores, settings, more));
        return new BackendProcess(program, name, await program.WaitUntilListeningAsync());
    }

    /// <summary>Its settings as environment variables.</summary>
    internal static Dictionary<string, string?> Environment(
        string name, BackendStores stores, StackSettings settings, params IEnumerable<(string Name, string Value)> more)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["HOSTNAME"] = name,
            ["ConnectionStrings__redis"] = stores.Redis,
            ["ConnectionStrings__matches"] = stores.Database,
            ["Matchmaking__Queue"] = stores.Queue,
            ["GameServers__Program"] = ProductPrograms.GameServer,
            ["GameServers__Standby"] = "4",
            ["SESSION_SIZE"] = settings.SessionSize.ToString(CultureInfo.InvariantCulture),
            ["MIN_PARTIAL_SESSION_SIZE"] = settings.MinPartialSessionSize.ToString(CultureInfo.InvariantCulture),
            ["FLUSH_WAIT_SECONDS"] = settings.FlushWaitSeconds.ToString(CultureInfo.InvariantCulture),
            ["Matchmaking__SilentSeconds"] = (settings.FlushWaitSeconds + 60).ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (setting, value) in more)
        {
            environment[setting] = value;
        }

        return environment;
    }

    /// <summary>Waits until it has printed a line with all of these words, from its start on.</summary>
    public Task WaitForLineAsync(params string[] words) => Program.WaitForLineAsync(
        line => words.All(word => line.Contains(word, StringComparison.Ordinal)) ? line : null, string.Join(' ', words), Waits.Patient);

    /// <summary>Waits until it has printed a line with these words so many times.</summary>
    public Task WaitForLinesAsync(string words, int count)
    {
        var seen = 0;
        return Program.WaitForLineAsync(
            line => line.Contains(words, StringComparison.Ordinal) && ++seen == count ? line : null,
            $"{count} times '{words}'",
            Waits.Patient);
    }

    /// <summary>Sends a signal to the game server of a match.</summary>
    public async Task SignalServerAsync(string sessionId, int signal)
    {
        // Match 0b6e… plays on game-server-0b6e2a8e, process 4711, at 127.0.0.1:40001
        var process = await Program.WaitForLineAsync(line => ReadProcess(line, sessionId), "the server's process", Waits.Patient);
        UnixSignals.Send(int.Parse(process, CultureInfo.InvariantCulture), signal);
    }

    /// <summary>SIGTERM, and then the exit code.</summary>
    public Task<int> StopAsync() => Program.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        try
        {
            Program.Signal(UnixSignals.Continue); // A failed test may have left it stopped.
            await StopAsync();
        }
        finally
        {
            await Program.DisposeAsync();
        }
    }

    private static string? ReadProcess(string line, string sessionId)
    {
        var words = line.Trim().Split(' ', ',');
        var at = Array.IndexOf(words, "process");
        return line.Contains($"Match {sessionId} plays on", StringComparison.Ordinal) && at > 0 ? words[at + 1] : null;
    }
}
