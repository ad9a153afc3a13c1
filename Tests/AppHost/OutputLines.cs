using System.Text;

namespace GameStack.Tests.AppHost;

/// <summary>Keeps what is written line by line, for tests that wait for a line.</summary>
internal sealed class OutputLines : TextWriter
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _written = NewSignal();

    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine() => WriteLine(string.Empty);

    public override void WriteLine(string? value)
    {
        TaskCompletionSource written;
        lock (_gate)
        {
            _lines.Add(value ?? string.Empty);
            written = _written;
            _written = NewSignal();
        }

        written.SetResult();
    }

    public IReadOnlyList<string> All()
    {
        lock (_gate)
        {
            return [.. _lines];
        }
    }

    /// <summary>The first line, written already or to come, that says <paramref name="text"/>; or the second, and so on.</summary>
    public async Task<string> WaitForAsync(string text, int times = 1)
    {
        using var within = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        within.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task written;
            lock (_gate)
            {
                if (_lines.Where(line => line.Contains(text, StringComparison.Ordinal)).ElementAtOrDefault(times - 1) is { } found)
                {
                    return found;
                }

                written = _written.Task;
            }

            try
            {
                await written.WaitAsync(within.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"Nothing said \"{text}\". There was:{Environment.NewLine}{string.Join(Environment.NewLine, All())}", e);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
