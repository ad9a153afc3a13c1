namespace GameStack.Tests.Support.Reliability;

/// <summary>A backend that may be gone at any time, even before it listens.</summary>
public sealed class CrashBackend : IAsyncDisposable
{
    private const string UnhandledException = "An unhandled exception has occurred";
    private const int FailureLines = 16;

    private static readonly TimeSpan FailureWithin = TimeSpan.FromSeconds(2);

    private readonly RunningProgram _program;

    private CrashBackend(RunningProgram program, string name)
    {
        _program = program;
        Name = name;
        Listening = ListenAsync();
        Exited = program.WaitForExitAsync($"{name} runs", Timeout.InfiniteTimeSpan);
    }

    /// <summary>What it calls itself in its records; each start has a name of its own.</summary>
    public string Name { get; }

    public int Id => _program.Id;

    /// <summary>A client of it once it listens, or null when it was gone before.</summary>
    public Task<ContractClient?> Listening { get; }

    /// <summary>A client of it, which listens by now.</summary>
    public ContractClient Client => Listening.Result!;

    /// <summary>Completes with the exit code; 137 is that of a killed process.</summary>
    public Task<int> Exited { get; }

    public IReadOnlyList<string> Lines => _program.Lines;

    public static CrashBackend Start(string name, IReadOnlyDictionary<string, string?> settings) =>
        new(RunningProgram.Start("Backend", settings), name);

    /// <summary>What it printed about a call that it answered 500, which is there a moment after the answer.</summary>
    public async Task<string> ReadFailureAsync()
    {
        try
        {
            await _program.WaitForLineAsync(
                line => line.Contains(UnhandledException, StringComparison.Ordinal) ? line : null, "its failure", FailureWithin);
        }
        catch (InvalidOperationException)
        {
            // Nothing, or killed before that.
        }

        var last = Lines.ToList().FindLastIndex(line => line.Contains(UnhandledException, StringComparison.Ordinal));
        return last < 0
            ? $"{Name} printed nothing of it"
            : string.Join(Environment.NewLine, Lines.Skip(last).Take(FailureLines).Prepend(Name));
    }

    public void Kill() => _program.Kill();

    public void Signal(int signal) => _program.Signal(signal);

    public async ValueTask DisposeAsync()
    {
        if (!_program.HasExited)
        {
            _program.Kill();
        }

        await Exited;
        (await Listening)?.Dispose();
        await _program.DisposeAsync();
    }

    private async Task<ContractClient?> ListenAsync()
    {
        try
        {
            return new ContractClient(await _program.WaitUntilListeningAsync());
        }
        catch (InvalidOperationException) when (_program.HasExited)
        {
            return null;
        }
    }
}
