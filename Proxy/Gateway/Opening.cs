using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text;
using GameStack.Contracts.Lines;
using GameStack.Contracts.Tickets;

namespace GameStack.Proxy.Gateway;

/// <summary>What a player sends first: <c>JOIN &lt;ticket&gt;</c>, a line end, and perhaps more.</summary>
internal static class Opening
{
    /// <summary>
    /// Everything that has arrived when the first line, or the longest part of a line that may arrive, is there. Empty when the player has
    /// left before that. Nothing stays in <paramref name="input"/>, which is then closed.
    /// </summary>
    /// <exception cref="OperationCanceledException">The time is up.</exception>
    public static async Task<byte[]> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var arrived = await input.ReadAsync(cancellationToken);
                var isWhole = arrived.Buffer.PositionOf((byte)'\n') is not null || arrived.Buffer.Length >= GameProtocol.MaxLineBytes;
                if (isWhole || arrived.IsCompleted)
                    return isWhole ? arrived.Buffer.ToArray() : [];

                input.AdvanceTo(arrived.Buffer.Start, arrived.Buffer.End);
            }
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    /// <summary>Reads the ticket in the first line, as the game server will read it.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> opening, ITicketCheck tickets, [NotNullWhen(true)] out MatchTicket? ticket, out TicketRefusal refusal)
    {
        (ticket, refusal) = (null, TicketRefusal.Malformed);
        var end = opening[..Math.Min(opening.Length, GameProtocol.MaxLineBytes)].IndexOf((byte)'\n');
        if (end < 0)
            return false;

        var line = opening[..end];
        var word = GameLine.FirstWord(line is [.., (byte)'\r'] ? line[..^1] : line, out var argument);
        refusal = TicketRefusal.NoTicket;
        return !argument.IsEmpty
            && Ascii.EqualsIgnoreCase(word, GameProtocol.Join)
            && tickets.TryRead(argument, out ticket, out refusal);
    }

    /// <summary>The same for a player whose ticket came some other way.</summary>
    public static byte[] Write(string ticket) => Encoding.ASCII.GetBytes($"{GameProtocol.Join} {ticket}\n");
}
