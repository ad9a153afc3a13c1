using GameStack.Tests.EndToEnd;

namespace GameStack.Tests.Reliability;

/// <summary>A backend that may be gone at any time, even before it listens.</summary>
public sealed class CrashBackend : IAsyncDisposable
{
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

    /// <summary>Completes with the exit code; 137 is that of a killed process.</summary>
    public Task<int> Exited { get; }

    public IReadOnlyList<string> Lines => _program.Lines;

    public static CrashBackend Start(string name, IReadOnlyDictionary<string, string?> settings) =>
        new(RunningProgram.Start("Backend", settings), name);

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
            return new ContractClient(await _program.WaitForLineAsync(BackendProgram.ReadRoot, "listening", Waits.Patient));
        }
        catch (InvalidOperationException) when (_program.HasExited)
        {
            return null;
        }
    }
}
