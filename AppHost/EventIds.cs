namespace GameStack.AppHost;

/// <summary>The ids of log events.</summary>
internal static class EventIds
{
    public const int ServerPreparing = 1;
    public const int PlayerPlaying = 10;
    public const int PlayerStopped = 11;
}
