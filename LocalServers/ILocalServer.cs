namespace LocalServers;

/// <summary>A server of this machine that runs as long as this process does, and no longer.</summary>
public interface ILocalServer : IAsyncDisposable
{
    string Host { get; }

    int Port { get; }

    /// <summary>As the server's usual .NET client reads it, its password included.</summary>
    string ConnectionString { get; }

    int ProcessId { get; }

    /// <summary>Completes with the exit code when the server is gone, for whatever reason.</summary>
    Task<int> Exited { get; }

    /// <summary>Lets the server end in good order, and kills it when it does not.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
