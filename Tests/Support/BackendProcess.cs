using System.Globalization;
using System.Runtime.InteropServices;

namespace GameStack.Tests.Support;

/// <summary>A backend as a process of its own with settings of the test's own, and its game servers as processes that the test may stop and kill.</summary>
public sealed class BackendProcess : IAsyncDisposable
{
    public const int SigKill = 9;
    public const int SigStop = 19;

    private BackendProcess(RunningProgram program, Uri root)
    {
        Program = program;
        Root = root;
        Client = new ContractClient(root);
        Http = new HttpClient { BaseAddress = root, Timeout = Waits.Patient };
    }

    public RunningProgram Program { get; }

    public Uri Root { get; }

    public ContractClient Client { get; }

    /// <summary>For answers of which the headers matter.</summary>
    public HttpClient Http { get; }

    /// <param name="name">What it calls itself in its records.</param>
    /// <param name="stores">What it shares with others.</param>
    /// <param name="settings">How it makes matches.</param>
    /// <param name="more">Environment variables besides.</param>
    public static async Task<BackendProcess> StartAsync(string name, BackendStores stores, StackSettings settings, params (string Name, string Value)[] more)
    {
        var environment = BackendProgram.Environment(name, stores, settings);
        foreach (var (setting, value) in more)
        {
            environment[setting] = value;
        }

        var program = RunningProgram.Start("Backend", environment);
        try
        {
            return new BackendProcess(program, await program.WaitForLineAsync(BackendProgram.ReadRoot, "listening", Waits.Patient));
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it prints a line with all of these words, from where it is now or from its start.</summary>
    public Task WaitForLineAsync(params string[] words) =>
        Program.WaitForLineAsync(line => words.All(word => line.Contains(word, StringComparison.Ordinal)) ? line : null, string.Join(' ', words), Waits.Patient);

    /// <summary>Waits until it has printed a line with these words so many times.</summary>
    public Task WaitForLinesAsync(string words, int count)
    {
        var seen = 0;
        return Program.WaitForLineAsync(
            line => line.Contains(words, StringComparison.Ordinal) && ++seen == count ? line : null, $"{count} times '{words}'", Waits.Patient);
    }

    /// <summary>Sends a signal to the game server of a match.</summary>
    public async Task SignalServerAsync(string sessionId, int signal)
    {
        // Match 0b6e… plays on game-server-0b6e2a8e, process 4711, at 127.0.0.1:40001
        var process = await Program.WaitForLineAsync(line => ReadProcess(line, sessionId), "the server's process", Waits.Patient);
        Assert.Equal(0, Kill(int.Parse(process, CultureInfo.InvariantCulture), signal));
    }

    /// <summary>SIGTERM; the answer completes when it has ended.</summary>
    public Task<int> StopAsync()
    {
        Program.Signal(RunningProgram.SigTerm);
        return Program.WaitForExitAsync("stopping", Waits.Patient);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        await StopAsync();
        await Program.DisposeAsync();
    }

    private static string? ReadProcess(string line, string sessionId)
    {
        var words = line.Trim().Split(' ', ',');
        var at = Array.IndexOf(words, "process");
        return line.Contains($"Match {sessionId} plays on", StringComparison.Ordinal) && at > 0 ? words[at + 1] : null;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
