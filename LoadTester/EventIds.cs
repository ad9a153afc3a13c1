namespace GameStack.LoadTester;

/// <summary>The ids of log events. An id is unique among the events of one logger category.</summary>
internal static class EventIds
{
    // LoadRun
    public const int RunStarted = 1;
    public const int RunEnded = 2;

    // Player
    public const int PlayerFailed = 1;
}
