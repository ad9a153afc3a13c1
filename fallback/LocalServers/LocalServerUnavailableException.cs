namespace LocalServers;

/// <summary>A server cannot run on this machine; the message names the ways out.</summary>
public sealed class LocalServerUnavailableException : Exception
{
    public LocalServerUnavailableException()
    {
    }

    public LocalServerUnavailableException(string message)
        : base(message)
    {
    }

    public LocalServerUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static LocalServerUnavailableException For(string server, string reason) => new(
        $"""
        {server} could not be started: {reason}
        Ways out: install {(server is "Redis" ? "redis-server" : "postgresql")} so that its programs are on the PATH; or give the connection string of one that runs elsewhere, in a container for instance (ConnectionStrings__{(server is "Redis" ? "redis" : "matches")}).
        """);
}
