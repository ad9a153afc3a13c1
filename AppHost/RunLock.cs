using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost;

/// <summary>Prevents other runs from using the data folder until the AppHost ends, even if the AppHost is killed.</summary>
internal sealed class RunLock : IHostedService, IDisposable
{
    private readonly FileStream _file;

    /// <exception cref="RunRefusedException">Another run uses the folder.</exception>
    public RunLock(string folder)
    {
        var path = Path.Combine(folder, "run.lock");
        Directory.CreateDirectory(folder);
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new RunRefusedException(
                $"Another run uses the data folder {folder}: end that run, or give this one a folder of its own with Servers__DataFolder.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _file.Dispose();
}
