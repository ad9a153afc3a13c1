using System.Diagnostics.CodeAnalysis;
using GameStack.Contracts.Tickets;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// Checks a ticket's signature, expiry and audience. Whether the ticket was used before, only its game server knows, which sees it, too.
/// </summary>
/// <exception cref="ArgumentException">The file has no key, or one that is not a P-256 key.</exception>
/// <exception cref="IOException">The file cannot be read.</exception>
internal sealed class TicketCheck(IOptions<TicketsOptions> options, TimeProvider time, ILogger<TicketCheck> logger) : ITicketCheck
{
    /// <summary>How long a key that was removed from the file still counts.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    /// <summary>Strangers can make up any number of tickets with unknown keys; each one must not cost a look at the file.</summary>
    private static readonly TimeSpan MaxAgeForUnknownKey = TimeSpan.FromSeconds(1);

    private readonly ReplaceableFiles<TicketReader> _readers = new(
        [options.Value.PublicKeyFile!],
        texts => new TicketReader(TicketKey.ReadPem(texts[0]), options.Value.ClockSkew),
        time,
        logger);

    public bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out MatchTicket? ticket, out TicketRefusal refusal)
    {
        var now = time.GetUtcNow();
        var reader = _readers.Get(MaxAge);
        return reader.TryRead(text, now, out ticket, out refusal)
            || (refusal == TicketRefusal.UnknownKey
                && _readers.Get(MaxAgeForUnknownKey) is var renewed && renewed != reader
                && renewed.TryRead(text, now, out ticket, out refusal));
    }
}
