using System.Diagnostics.CodeAnalysis;

namespace GameStack.Backend.Api;

/// <summary>One call that waits for a player.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source of the token has neither a timer nor a handle.")]
internal sealed class HeldCall(HeldCalls calls, string playerId) : IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    public string PlayerId => playerId;

    /// <summary>Cancelled when the call has to end, because newer ones have taken its place.</summary>
    public CancellationToken Ending => _ending.Token;

    public bool HasToEnd => _ending.IsCancellationRequested;

    public void Dispose() => calls.Remove(this);

    internal void End() => _ending.Cancel();
}
