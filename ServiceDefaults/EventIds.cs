namespace GameStack.ServiceDefaults;

/// <summary>The ids of log events.</summary>
internal static class EventIds
{
    public const int Draining = 1;
    public const int ConnectionsFull = 2;
    public const int ConnectionsHaveRoom = 3;
    public const int UnknownSetting = 4;
    public const int MisspelledSetting = 5;
    public const int FileUnusable = 6;
}
