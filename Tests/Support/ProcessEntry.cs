namespace GameStack.Tests.Support;

/// <summary>A process as /proc shows it; with its start time, a number that is given out again is not taken for the same process.</summary>
public sealed record ProcessEntry(int Id, int Parent, long StartTime, string Command)
{
    public bool IsRunning => ProcessTable.Read(Id) is { } now && now.StartTime == StartTime;
}
