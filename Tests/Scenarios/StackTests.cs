using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>A test against <see cref="SharedStack"/>. It leaves no player in the queue, who would be in the next test's match.</summary>
public abstract class StackTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);
    private readonly List<string> _players = [];
    private readonly SharedStack _shared;

    protected StackTests(SharedStack shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        Assert.SkipWhen(shared.Obstacle is not null, shared.Obstacle ?? "");
        _shared = shared;
    }

    protected Stack Running => _shared.Stack;

    /// <summary>The match API as players reach it.</summary>
    protected ContractClient Client => _shared.Stack.Players;

    /// <summary>Cancelled when the test has taken far longer than it may.</summary>
    protected CancellationToken Cancelled => _within.Token;

    /// <summary>A player whom no other test knows.</summary>
    protected string NewPlayer(string name) => NewPlayers(name, 1)[0];

    /// <summary>As many as a full match takes.</summary>
    protected string[] NewParty(string name) => NewPlayers(name, SharedStack.SessionSize);

    protected async Task EndAsync(Seat[] seats) =>
        await ContractClient.OkAsync(() => Client.EndAsync(seats[0].SessionId, Cancelled));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var player in _players)
        {
            // Whoever was matched cannot leave, and need not.
            await ContractClient.RetryAsync(() => Client.LeaveAsync(player, CancellationToken.None));
        }

        _within.Dispose();
    }

    private string[] NewPlayers(string name, int count)
    {
        var players = Players.New(name, count);
        _players.AddRange(players);
        return players;
    }
}
