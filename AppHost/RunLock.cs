using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost;

/// <summary>Keeps other runs off a data folder until the AppHost ends, however it ends.</summary>
internal sealed class RunLock : IHostedService, IDisposable
{
    private readonly FileStream _file;

    /// <exception cref="RunRefusedException">Another run has the folder, or it cannot be used.</exception>
    public RunLock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            _file = new FileStream(Path.Combine(folder, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RunRefusedException($"The data folder cannot be used: {e.Message} Choose another with Servers__DataFolder.");
        }
        catch (IOException e)
        {
            throw new RunRefusedException(Directory.Exists(folder)
                ? $"Another run uses the data folder {folder}: end that run, or give this one a folder of its own with Servers__DataFolder."
                : $"The data folder cannot be made: {e.Message} Choose another with Servers__DataFolder.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _file.Dispose();
}
