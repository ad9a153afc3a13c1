namespace LocalServers;

/// <summary>A server cannot run on this machine; the message says how to fix it.</summary>
public sealed class LocalServerUnavailableException : Exception
{
    private const string Engine = "Start a container engine (Docker or Podman)";

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
        For(server, reason, $"{Engine}, or install redis-server and postgresql so that their programs are on the PATH.");

    internal static LocalServerUnavailableException OnWindows(string server) =>
        For(server, "its programs run only on Linux and macOS.", $"{Engine}.");

    private static LocalServerUnavailableException For(string server, string reason, string remedy) =>
        new($"{server} could not be started: {reason}{Environment.NewLine}{remedy}");
}
