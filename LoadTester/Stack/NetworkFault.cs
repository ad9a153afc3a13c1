using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace GameStack.LoadTester.Stack;

/// <summary>Describes a network fault in a few words, which are the same for HTTP and for TCP.</summary>
internal static class NetworkFault
{
    /// <summary>This machine's limit, not a fault of the stack.</summary>
    public const string TooManyOpenFiles = "too many open files";

    private const string TlsFailed = "TLS failed";

    public static string Describe(HttpRequestException exception) =>
        exception switch
        {
            { InnerException: SocketException socket } => Describe(socket.SocketErrorCode),
            { InnerException: IOException { InnerException: SocketException socket } } => Describe(socket.SocketErrorCode),
            { HttpRequestError: HttpRequestError.NameResolutionError } => "unknown host",
            { HttpRequestError: HttpRequestError.SecureConnectionError } => TlsFailed,
            { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "answer too large",
            { HttpRequestError: HttpRequestError.ResponseEnded } => "closed without an answer",
            _ => "connection lost",
        };

    /// <summary>
    /// Whether there is nothing to connect to. A server that resets a new connection is there, and stopping or full for a moment.
    /// </summary>
    public static bool IsUnreached(HttpRequestException exception) =>
        exception.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        && exception.InnerException is not SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.NotConnected };

    public static string Describe(IOException exception) =>
        exception.InnerException is SocketException socket ? Describe(socket.SocketErrorCode) : "connection lost";

    public static string Describe(WebSocketException exception) =>
        exception switch
        {
            { WebSocketErrorCode: WebSocketError.NotAWebSocket } => "no WebSocket",
            { InnerException: HttpRequestException http } => Describe(http),
            { InnerException: IOException io } => Describe(io),
            _ => "connection lost",
        };

    /// <param name="errors">What is wrong with a server's certificate; none if TLS failed before there was one.</param>
    public static string Describe(SslPolicyErrors errors) =>
        errors switch
        {
            SslPolicyErrors.None => TlsFailed,
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "certificate for another host",
            _ => "certificate not trusted",
        };

    public static string Describe(SocketError error) =>
        error switch
        {
            SocketError.ConnectionRefused => "refused",
            SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected => "reset",
            SocketError.TimedOut => "timed out",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "unknown host",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "unreachable",
            SocketError.AddressNotAvailable => "no free local port",
            SocketError.TooManyOpenSockets => TooManyOpenFiles,
            _ => error.ToString(),
        };
}
