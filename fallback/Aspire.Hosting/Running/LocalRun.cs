namespace Aspire.Hosting.Running;

/// <summary>A local server, or what lives as long as a server does and is not ended by itself.</summary>
internal sealed class LocalRun(Task<int> exited, IAsyncDisposable? server) : IRunning
{
    public Task<int?> Exited { get; } = ExitedAsync(exited);

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<int?> ExitedAsync(Task<int> exited) => await exited;
}
