namespace GameStack.LoadTester.Report;

/// <summary>Shows a run while it goes on.</summary>
internal interface ILoadView
{
    /// <summary>Shows the board until <paramref name="run"/> is done, and its last state then.</summary>
    Task ShowAsync(LoadBoard board, Task run);
}
