namespace GameStack.Tests.Support.Reliability;

/// <summary>Players who come again and again.</summary>
public sealed class PlayerCrowd : IDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly CancellationTokenSource _alone = new();
    private readonly QueueView _queue;
    private readonly PlayerLedger _ledger;
    private readonly List<Task> _players;

    public PlayerCrowd(BackendPool backends, QueueView queue, PlayerLedger ledger, int count)
    {
        _queue = queue;
        _ledger = ledger;
        _players = [.. Enumerable.Range(1, count).Select(i =>
            new LoadPlayer(backends, queue, ledger, $"player{i}-{Guid.NewGuid():N}"[..20]).LiveAsync(_enough.Token, _alone.Token))];
    }

    /// <summary>Lets everybody come to the end of the last match; who is alone in the queue then is left there.</summary>
    public async Task FinishAsync()
    {
        await _enough.CancelAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(0.5));
        while (_players.Count > 0 && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            foreach (var over in _players.Where(player => player.IsCompleted).ToList())
            {
                _players.Remove(over);
                await over;
            }

            var open = _ledger.Open;
            if (_players.Count == 1 && open.Count == 1 && (await _queue.PlacesAsync([open[0].Player]))[0].State == "waiting")
            {
                await _alone.CancelAsync();
            }
        }
    }

    public void Dispose()
    {
        _enough.Dispose();
        _alone.Dispose();
    }
}
