using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using GameStack.ServiceDefaults.Calling;

namespace GameStack.Tests.Support;

/// <summary>HTTP clients of the tests.</summary>
internal static class TestHttp
{
    /// <summary>A client like a player's: it sends no trace headers, so that a service in this process begins its own trace.</summary>
    public static HttpClient ClientOf(Uri address) => new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        ConnectCallback = ClientConnection.OpenAsync,
    })
    {
        BaseAddress = address,
        Timeout = Waits.Patient,
    };

    /// <summary>A client that has one connection for all calls to a server with HTTP/2, as browsers do.</summary>
    public static HttpMessageInvoker BrowserThatTrusts(SelfSignedCertificate certificate)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509Certificate2.CreateFromPem(certificate.Certificate));
        return new HttpMessageInvoker(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } });
    }

    /// <summary>A WebSocket that is opened with <c>CONNECT</c>.</summary>
    public static ClientWebSocket WebSocketOverHttp2() => new()
    {
        Options =
        {
            HttpVersion = HttpVersion.Version20,
            HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            CollectHttpResponseDetails = true,
        },
    };

    /// <summary>Waits until nobody listens any more: a server says that it closes a moment before it does.</summary>
    public static Task WaitUntilRefusedAsync(HttpClient client, string path) => Eventually.IsAsync(
        "refused",
        async token =>
        {
            try
            {
                using var response = await client.GetAsync(path, token);
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        },
        Waits.Patient);
}
