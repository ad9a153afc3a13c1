namespace GameStack.Proxy;

/// <summary>The ids of this project's log events. An id keeps its meaning, so that a search or an alert on it goes on working.</summary>
internal static class EventIds
{
    public const int NoProxyHeader = 600;
    public const int NotResolved = 610;
    public const int Resolved = 611;
    public const int NoBackend = 612;
    public const int ShortPortClosed = 613;
    public const int ShortPortOpen = 614;
    public const int GatewayListening = 620;
    public const int GatewayDraining = 621;
    public const int GatewayCut = 622;
    public const int ServerUnreachable = 623;
}
