using GameStack.LoadTester.Players;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GameStack.LoadTester.Report;

/// <summary>
/// Two tables in a terminal, redrawn four times a second: the states of the players, and how long the phases have taken so far.
/// </summary>
internal sealed class LiveView(IAnsiConsole console, TimeProvider time) : ILoadView
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    public async Task ShowAsync(LoadBoard board, Task run) =>
        await console.Live(Draw(board.Snapshot())).StartAsync(async display =>
        {
            await foreach (var _ in ViewTicks.EveryAsync(Interval, run, time))
            {
                display.UpdateTarget(Draw(board.Snapshot()));
            }
        });

    internal static IRenderable Draw(LoadSnapshot board)
    {
        var rows = new List<IRenderable> { Headline(board), States(board), Durations(board) };
        rows.AddRange(board.Failures.Take(5).Select(failure => new Markup($"[red]{failure.Count,8}[/]  {Markup.Escape(failure.Reason)}")));
        return new Rows(rows);
    }

    private static Markup Headline(LoadSnapshot board) =>
        new($"[bold]{board.Elapsed.TotalSeconds:0.0} s[/]   started {board.Started} of {board.Clients}   "
            + $"{board.JoinsPerSecond:0.0} joins/s   retried calls {board.RetryCount}");

    private static Table States(LoadSnapshot board)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var state in Enum.GetValues<PlayerState>())
        {
            table.AddColumn(new TableColumn(state.Name()).RightAligned());
        }

        table.AddRow([.. Enum.GetValues<PlayerState>().Select(state => new Markup(Cell(state, board.In(state))))]);
        return table;
    }

    private static string Cell(PlayerState state, int count) =>
        (state, count) switch
        {
            (_, 0) => "[grey]0[/]",
            (PlayerState.Failed, _) => $"[red]{count}[/]",
            (PlayerState.Ended, _) => $"[green]{count}[/]",
            _ => $"{count}",
        };

    private static Table Durations(LoadSnapshot board)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("phase");
        foreach (var column in (string[])["count", "p50", "p90", "p99", "max"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var measure in Enum.GetValues<Measure>())
        {
            var durations = board.Of(measure);
            table.AddRow([measure.Label(), $"{durations.Count}", .. DurationText.Of(durations)]);
        }

        return table;
    }
}
