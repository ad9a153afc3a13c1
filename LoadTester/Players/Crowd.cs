using System.Security.Cryptography;

namespace GameStack.LoadTester.Players;

/// <summary>Starts all players of a run at the rate given in the settings, and waits for them.</summary>
internal sealed class Crowd(PlayerSurroundings surroundings)
{
    private static readonly TimeSpan SpawnTick = TimeSpan.FromMilliseconds(20);

    private readonly List<Task> _players = new(surroundings.Settings.Clients);

    /// <summary>Part of every player id of this run, so that two runs in one queue never use the same ids.</summary>
    public string RunId { get; } = "lt-" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>Completes when every started player has finished. Cancelling starts no more players and interrupts the others.</summary>
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
                // Count by elapsed time, not by ticks, so that a late tick also starts the players that are overdue.
                var due = 1 + (surroundings.Time.GetElapsedTime(start).TotalSeconds * settings.SpawnRate);
                SpawnUntil((int)Math.Min(due, settings.Clients), cancellationToken);
            }
            while (_players.Count < settings.Clients && await ticks.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Interrupted: RunAsync still waits for the players that were started.
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
