namespace GameStack.Tests.Support.Reliability;

/// <summary>Players who come again and again.</summary>
public sealed class PlayerCrowd : IDisposable
{
    /// <summary>Far more than a player may be left without a change, which the ledger then has.</summary>
    private static readonly TimeSpan FinishWithin = TimeSpan.FromMinutes(5);

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

    /// <summary>Lets all players come to the end of their last match; a player who is alone in the queue then is left there.</summary>
    public async Task FinishAsync()
    {
        await _enough.CancelAsync();
        var finished = Task.WhenAll(_players);
        await Eventually.IsAsync(
            "every player has finished, or waits alone", async _ => finished.IsCompleted || await IsOneAloneAsync(), FinishWithin);
        await _alone.CancelAsync();
        await finished;
    }

    public void Dispose()
    {
        _enough.Dispose();
        _alone.Dispose();
    }

    private async Task<bool> IsOneAloneAsync() =>
        _players.Count(player => !player.IsCompleted) == 1
        && _ledger.Open is [var open]
        && (await _queue.PlacesAsync([open.Player]))[0].State == "waiting";
}
