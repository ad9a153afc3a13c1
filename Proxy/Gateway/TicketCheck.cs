using System.Diagnostics.CodeAnalysis;
using GameStack.Contracts.Tickets;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// Checks a ticket's signature, expiry and audience. Whether the ticket was used before, only its game server knows, which sees it, too.
/// </summary>
internal sealed class TicketCheck : ITicketCheck
{
    /// <summary>Strangers can make up any number of tickets with unknown keys; each one must not cost a look at the file.</summary>
    private static readonly TimeSpan ReloadInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a key that was removed from the file still counts.</summary>
    private static readonly TimeSpan LongestUnread = TimeSpan.FromMinutes(1);

    private readonly string _file;
    private readonly TimeSpan _clockSkew;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private string _pem;
    private long _loadedAt;
    private volatile TicketReader _reader;

    /// <exception cref="ArgumentException">The file has no key, or one that is not a P-256 key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public TicketCheck(IOptions<TicketsOptions> options, TimeProvider time)
    {
        (_file, _clockSkew, _time) = (options.Value.PublicKeyFile!, options.Value.ClockSkew, time);
        (_pem, _loadedAt) = (File.ReadAllText(_file), time.GetTimestamp());
        _reader = new TicketReader(TicketKey.ReadPem(_pem), _clockSkew);
    }

    public bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out MatchTicket? ticket, out TicketRefusal refusal)
    {
        var now = _time.GetUtcNow();
        if (_time.GetElapsedTime(Volatile.Read(ref _loadedAt)) >= LongestUnread)
            TryReload();

        return _reader.TryRead(text, now, out ticket, out refusal)
            || (refusal == TicketRefusal.UnknownKey && TryReload() && _reader.TryRead(text, now, out ticket, out refusal));
    }

    /// <summary>Whether the file has other keys than before. A file that is unreadable, or being written, changes nothing.</summary>
    private bool TryReload()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_loadedAt) < ReloadInterval)
                return false;

            Volatile.Write(ref _loadedAt, _time.GetTimestamp());
            try
            {
                var pem = File.ReadAllText(_file);
                if (pem == _pem)
                    return false;

                _reader = new TicketReader(TicketKey.ReadPem(pem), _clockSkew);
                _pem = pem;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return false;
            }
        }
    }
}
