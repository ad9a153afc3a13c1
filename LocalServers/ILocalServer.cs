namespace LocalServers;

/// <summary>A server on this machine that ends when this process ends.</summary>
public interface ILocalServer : IAsyncDisposable
{
    int Port { get; }

    /// <summary>In the format of the server's usual .NET client, including the password.</summary>
    string ConnectionString { get; }

    int ProcessId { get; }

    /// <summary>Completes with the exit code when the server has ended, for whatever reason.</summary>
    Task<int> Exited { get; }

    /// <summary>Shuts the server down cleanly, or kills it if it does not end in time.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
