using System.Security.Cryptography;

namespace GameStack.LoadTester.Players;

/// <summary>All players of a run: started at the rate that the settings name, and awaited.</summary>
internal sealed class Crowd(PlayerSurroundings surroundings)
{
    private static readonly TimeSpan SpawnTick = TimeSpan.FromMilliseconds(20);

    private readonly List<Task> _players = new(surroundings.Settings.Clients);

    /// <summary>In every player id of this run, so that two runs never meet in one queue under the same names.</summary>
    public string RunId { get; } = "lt-" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>Completes when every player that was started is through; cancelling starts no more and interrupts the others.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SpawnAsync(cancellationToken);
        await Task.WhenAll(_players);
    }

    private async Task SpawnAsync(CancellationToken cancellationToken)
    {
        var settings = surroundings.Settings;
        if (settings.SpawnRate == 0)
        {
            SpawnUntil(settings.Clients, cancellationToken);
            return;
        }

        var start = surroundings.Time.GetTimestamp();
        using var ticks = new PeriodicTimer(SpawnTick, surroundings.Time);
        try
        {
            do
            {
                // By the time that has passed, not by the tick: a late tick makes up for what it missed.
                var due = 1 + (surroundings.Time.GetElapsedTime(start).TotalSeconds * settings.SpawnRate);
                SpawnUntil((int)Math.Min(due, settings.Clients), cancellationToken);
            }
            while (_players.Count < settings.Clients && await ticks.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Interrupted: those who were started are still awaited.
        }
    }

    private void SpawnUntil(int count, CancellationToken cancellationToken)
    {
        while (_players.Count < count && !cancellationToken.IsCancellationRequested)
        {
            var player = new Player($"{RunId}-{_players.Count + 1}", surroundings);
            _players.Add(Task.Run(() => player.RunAsync(cancellationToken), CancellationToken.None));
        }
    }
}
