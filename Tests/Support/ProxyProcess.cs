namespace GameStack.Tests.Support;

/// <summary>The proxy as a process of its own.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    private ProxyProcess(RunningProgram program, Uri root)
    {
        Program = program;
        Root = root;
        Client = new ContractClient(new Uri(root, "api/"));
    }

    public RunningProgram Program { get; }

    /// <summary>Where it listens.</summary>
    public Uri Root { get; }

    /// <summary>The match API.</summary>
    public ContractClient Client { get; }

    /// <summary>Starts it in front of these backends, and waits until it listens.</summary>
    public static Task<ProxyProcess> StartAsync(params Uri[] backends) => StartAsync(backends, []);

    /// <param name="backends">As above.</param>
    /// <param name="more">Environment variables besides.</param>
    public static async Task<ProxyProcess> StartAsync(IReadOnlyList<Uri> backends, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        };
        for (var i = 0; i < backends.Count; i++)
        {
            settings[$"services__backend__http__{i}"] = backends[i].AbsoluteUri;
        }

        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        var program = RunningProgram.Start("Proxy", settings);
        return new ProxyProcess(program, await program.WaitUntilListeningAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        try
        {
            await Program.StopAsync();
        }
        finally
        {
            await Program.DisposeAsync();
        }
    }
}
