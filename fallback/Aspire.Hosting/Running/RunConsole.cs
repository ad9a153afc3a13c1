using System.Threading.Channels;

namespace Aspire.Hosting.Running;

/// <summary>
/// The one stream of a run: every line with the name of its resource before it, and the table of all resources whenever
/// a state has changed. Changes that come together share a table.
/// </summary>
internal sealed class RunConsole(TextWriter output, bool colored)
{
    private static readonly TimeSpan s_settledDelay = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_movingDelay = TimeSpan.FromSeconds(2);
    private static readonly int[] s_colors = [36, 32, 35, 33, 34, 96, 92, 95, 93, 94];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _colorOf = new(StringComparer.Ordinal);
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _width = "resource".Length;

    public static RunConsole Create() => new(
        Console.Out,
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not "dumb");

    public void Introduce(string name)
    {
        _colorOf[name] = s_colors[_colorOf.Count % s_colors.Length];
        _width = Math.Max(_width, name.Length);
    }

    public void WriteLine(string name, string line)
    {
        lock (_gate)
        {
            output.WriteLine($"{Colored(name.PadRight(_width), _colorOf.GetValueOrDefault(name))} | {line}");
        }
    }

    public void WriteLine(string line)
    {
        lock (_gate)
        {
            output.WriteLine(line);
        }
    }

    public void Changed() => _changes.Writer.TryWrite(true);

    /// <summary>Keeps the table true until the run ends.</summary>
    public async Task ShowTablesAsync(IReadOnlyList<ResourceRunner> runners, CancellationToken cancellationToken)
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken))
        {
            var moving = runners.Any(runner => runner.State is ResourceState.Waiting or ResourceState.Starting or ResourceState.Stopping);
            await Task.Delay(moving ? s_movingDelay : s_settledDelay, cancellationToken);
            _changes.Reader.TryRead(out var _);
            WriteTable(runners);
        }
    }

    public void WriteTable(IReadOnlyList<ResourceRunner> runners, bool isLast = false)
    {
        var states = runners.Select(runner => runner.Detail.Length == 0 ? $"{runner.State}" : $"{runner.State} ({runner.Detail})").ToArray();
        var stateWidth = states.Max(state => state.Length);
        lock (_gate)
        {
            output.WriteLine();
            output.WriteLine($"  {"resource".PadRight(_width)}  {"state".PadRight(stateWidth)}  address");
            foreach (var (runner, state) in runners.Zip(states))
            {
                var name = Colored(runner.Name.PadRight(_width), _colorOf.GetValueOrDefault(runner.Name));
                output.WriteLine($"  {name}  {Colored(state.PadRight(stateWidth), ColorOf(runner.State))}  {runner.Address}".TrimEnd());
            }

            if (!isLast)
            {
                output.WriteLine("  Type start <name>, stop <name>, restart <name>, status or help; Ctrl+C ends everything.");
                output.WriteLine();
            }
        }
    }

    private static int ColorOf(ResourceState state) => state switch
    {
        ResourceState.Running or ResourceState.Finished => 32,
        ResourceState.Exited or ResourceState.FailedToStart or ResourceState.Unhealthy => 31,
        ResourceState.Waiting or ResourceState.Starting or ResourceState.Stopping => 33,
        _ => 90,
    };

    private string Colored(string text, int color) => colored ? $"\e[{color}m{text}\e[0m" : text;
}
