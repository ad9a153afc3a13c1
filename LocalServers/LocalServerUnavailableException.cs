namespace LocalServers;

/// <summary>A server cannot run on this machine; the message says how to fix it.</summary>
public sealed class LocalServerUnavailableException : Exception
{
    private const string WaysOut =
        "Start a container engine (Docker or Podman), or install redis-server and postgresql so that their programs are on the PATH.";

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

    internal static LocalServerUnavailableException For(string server, string reason) =>
        new($"{server} could not be started: {reason}{Environment.NewLine}{WaysOut}");

    internal static LocalServerUnavailableException OnWindows(string server) => For(server, "its programs run only on Linux and macOS.");
}
