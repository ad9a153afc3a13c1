using Microsoft.AspNetCore.Connections;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>The feature of a connection that got no slot: its first call is answered with the reason, and the connection closes.</summary>
internal sealed record RefusedConnection(SlotOutcome Outcome)
{
    /// <summary>How long a refused connection may take to send a call and to read the answer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    internal sealed class Context(ConnectionContext connection, Action release, TimeProvider time) : CountedConnection(connection, release)
    {
        private readonly ITimer _deadline = time.CreateTimer(
            static state => ((ConnectionContext)state!).Abort(), connection, Longest, Timeout.InfiniteTimeSpan);

        public override async ValueTask DisposeAsync()
        {
            await _deadline.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
