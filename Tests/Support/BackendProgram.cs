using System.Globalization;

namespace GameStack.Tests.Support;

/// <summary>A backend as a process of its own, without an AppHost.</summary>
public sealed class BackendProgram : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly RunningProgram _program;

    private BackendProgram(RunningProgram program, string name, Uri root)
    {
        _program = program;
        Name = name;
        Root = root;
        Client = new ContractClient(root);
    }

    /// <summary>What it calls itself in its records.</summary>
    public string Name { get; }

    public int Id => _program.Id;

    /// <summary>Where it listens.</summary>
    public Uri Root { get; }

    public ContractClient Client { get; }

    public static async Task<BackendProgram> StartAsync(string name, BackendStores stores, StackSettings settings)
    {
        var program = RunningProgram.Start("Backend", Environment(name, stores, settings));
        try
        {
            var root = await program.WaitForLineAsync(ReadRoot, "listening", Waits.Patient);
            var backend = new BackendProgram(program, name, root);
            await program.WaitUntilHealthyAsync(backend.Client, Waits.Patient);
            return backend;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its settings as environment variables.</summary>
    internal static Dictionary<string, string?> Environment(string name, BackendStores stores, StackSettings settings) =>
        new()
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
        };

    /// <summary>The address in the line that says where it listens, and null for any other line.</summary>
    internal static Uri? ReadRoot(string line) =>
        line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[(at + Listening.Length)..].Trim()) : null;

    public void Signal(int signal) => _program.Signal(signal);

    /// <summary>As a machine that goes away: nothing is told to anybody.</summary>
    public async Task KillAsync()
    {
        _program.Kill();
        await _program.WaitForExitAsync("killed", Waits.Patient);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _program.Signal(RunningProgram.SigTerm);
        await _program.WaitForExitAsync("stopping", Waits.Patient);
        await _program.DisposeAsync();
    }
}
