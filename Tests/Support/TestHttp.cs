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
