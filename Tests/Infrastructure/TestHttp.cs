namespace GameStack.Tests.Infrastructure;

/// <summary>HTTP clients of the tests.</summary>
internal static class TestHttp
{
    /// <summary>As a player's: it has no traces, so that a service in this very process begins its own.</summary>
    public static HttpClient ClientOf(Uri address) => new(new SocketsHttpHandler { ActivityHeadersPropagator = null })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(60),
    };
}
