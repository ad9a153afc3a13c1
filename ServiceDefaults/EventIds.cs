namespace GameStack.ServiceDefaults;

/// <summary>The ids of log events.</summary>
internal static class EventIds
{
    public const int Draining = 1;
}
