using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace GameStack.ServiceDefaults.Shutdown;

/// <summary>
/// Shuts the service down cleanly on SIGHUP, as its host does on SIGTERM: a closed terminal or a lost SSH session sends it, and without a
/// handler it would kill the process at once.
/// </summary>
internal sealed class HangUpSignal(IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private readonly PosixSignalRegistration _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        lifetime.StopApplication();
    });

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registration.Dispose();
}
