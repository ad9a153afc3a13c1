using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>The proxy as a process of its own before one backend.</summary>
internal sealed class ProxyProgram : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly RunningProgram _program;

    private ProxyProgram(RunningProgram program, Uri root)
    {
        _program = program;
        Root = root;
        Client = new ContractClient(new Uri(root, "api/"));
    }

    public int Id => _program.Id;

    public bool HasExited => _program.HasExited;

    public Uri Root { get; }

    public ContractClient Client { get; }

    public static async Task<ProxyProgram> StartAsync(Uri backend, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["services__backend__http__0"] = backend.AbsoluteUri,
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        var program = RunningProgram.Start("Proxy", environment);
        var root = await program.WaitForLineAsync(ReadRoot, "listening", Waits.Patient);
        return new ProxyProgram(program, root);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _program.Signal(RunningProgram.SigTerm);
        await _program.WaitForExitAsync("stopping", Waits.Patient);
        await _program.DisposeAsync();
    }

    private static Uri? ReadRoot(string line) =>
        line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[(at + Listening.Length)..].Trim()) : null;
}
