namespace GameStack.Tests.Support;

/// <summary>HTTP clients of the tests.</summary>
internal static class TestHttp
{
    /// <summary>A client like a player's: it sends no trace headers, so that a service in this process begins its own trace.</summary>
    public static HttpClient ClientOf(Uri address) => new(new SocketsHttpHandler { ActivityHeadersPropagator = null })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(60),
    };
}
