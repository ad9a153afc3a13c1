namespace GameStack.LoadTester.Report;

/// <summary>Shows a run while it is in progress.</summary>
internal interface ILoadView
{
    /// <summary>Shows the board until <paramref name="run"/> is done, and then shows its final state.</summary>
    Task ShowAsync(LoadBoard board, Task run);
}
