using GameStack.LoadTester.Players;

namespace GameStack.LoadTester.Report;

/// <summary>Writes one line a second, or none if nothing has changed. It is meant for logs and pipes.</summary>
internal sealed class PlainView(TextWriter output, TimeProvider time) : ILoadView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private string _last = "";

    public async Task ShowAsync(LoadBoard board, Task run)
    {
        await foreach (var _ in ViewTicks.EveryAsync(Interval, run, time))
        {
            Write(board.Snapshot());
        }
    }

    internal void Write(LoadSnapshot board)
    {
        var line = Line(board);
        if (line != _last)
        {
            _last = line;
            output.WriteLine($"{board.Elapsed.TotalSeconds,7:0.0} s  {line}");
        }
    }

    private static string Line(LoadSnapshot board)
    {
        var parts = Enum.GetValues<PlayerState>()
            .Where(state => board.In(state) > 0)
            .Select(state => $"{state.Name()} {board.In(state)}");
        return $"started {board.Started}/{board.Clients}: {string.Join(", ", parts)}";
    }
}
