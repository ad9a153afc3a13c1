using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GameStack.Backend.GameServers;
using GameStack.Backend.Queue;
using GameStack.Contracts.Tickets;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Tickets;

/// <summary>Hands out match tickets, and tells game servers how to check them. Without a key, there are none.</summary>
internal sealed partial class TicketSigner : IDisposable
{
    private const int IdBytes = 16;

    private readonly IReadOnlyList<SigningKey> _keys;
    private readonly TicketsOptions _options;
    private readonly GameServersOptions _servers;
    private readonly TimeProvider _time;
    private readonly ILogger<TicketSigner> _logger;
    private readonly ConcurrentDictionary<string, bool> _missing = new(StringComparer.Ordinal);

    public TicketSigner(
        IOptions<TicketsOptions> options, IOptions<GameServersOptions> servers, TimeProvider time, ILogger<TicketSigner> logger)
    {
        (_options, _servers, _time, _logger) = (options.Value, servers.Value, time, logger);
        _keys = _options.ReadKeys();
        Reader = new TicketReader(_keys.Select(key => key.PublicKey), _options.ClockSkew);
    }

    /// <summary>The ids of the keys that servers are told, separated by commas; empty when there are no tickets.</summary>
    public string KeyIds => string.Join(',', _keys.Select(key => key.Id));

    /// <summary>Reads tickets that this signer, or one with the same keys, has issued.</summary>
    public TicketReader Reader { get; }

    /// <summary>What to tell a server before it is assigned a match; null when there are no tickets.</summary>
    public TicketTerms? TermsFor(RunningGameServer server) => _keys.Count == 0 ? null : new TicketTerms
    {
        Server = server.Name,
        Keys = [.. _keys.Select(key => key.PublicKey)],
        Required = _servers.Tickets == TicketUse.Required,
        Reconnect = TimeSpan.FromSeconds(_servers.ReconnectSeconds),
        ClockSkew = _options.ClockSkew,
    };

    /// <summary>A fresh ticket for a player who is matched; null for any other player, and where there are no tickets.</summary>
    public string? Issue(PlayerState state, string player)
    {
        if (_keys.Count == 0 || state is not { Phase: PlayerPhase.Matched, Admission: { } admission } || FindKey(admission) is not { } key)
        {
            return null;
        }

        for (var i = 0; i < state.Players.Count; i++)
        {
            if (state.Players[i] == player)
            {
                var now = _time.GetUtcNow();
                var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));
                return Sign(key, new MatchTicket(
                    player, state.MatchId, admission.Server, admission.Address, admission.SeatOf(i), now, now + TicketClaims.Lifetime, id));
            }
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var key in _keys)
        {
            key.Dispose();
        }
    }

    /// <summary>
    /// The first key of the match's server that this backend has; the first of all where it is not known which keys the server was told.
    /// </summary>
    private SigningKey? FindKey(MatchAdmission admission)
    {
        if (admission.KeyIds.Length == 0)
        {
            return _keys[0];
        }

        foreach (var range in admission.KeyIds.AsSpan().Split(','))
        {
            foreach (var key in _keys)
            {
                if (admission.KeyIds.AsSpan(range).SequenceEqual(key.Id))
                {
                    return key;
                }
            }
        }

        if (_missing.TryAdd(admission.KeyIds, value: true))
        {
            Log.KeyMissing(_logger, admission.Server, admission.KeyIds);
        }

        return null;
    }

    private static string Sign(SigningKey key, MatchTicket ticket)
    {
        var header = Write(writer =>
        {
            writer.WriteString(TicketClaims.Algorithm, TicketClaims.Es256);
            writer.WriteString(TicketClaims.Type, TicketClaims.Jwt);
            writer.WriteString(TicketClaims.KeyId, key.Id);
        });
        var payload = Write(writer =>
        {
            writer.WriteString(TicketClaims.Issuer, TicketClaims.GameStack);
            writer.WriteString(TicketClaims.Audience, TicketClaims.Match);
            writer.WriteString(TicketClaims.Player, ticket.Player);
            writer.WriteString(TicketClaims.MatchId, ticket.MatchId);
            writer.WriteString(TicketClaims.Server, ticket.Server);
            writer.WriteString(TicketClaims.Address, ticket.Address);
            writer.WriteNumber(TicketClaims.Seat, ticket.Seat);
            writer.WriteNumber(TicketClaims.IssuedAt, ticket.IssuedAt.ToUnixTimeSeconds());
            writer.WriteNumber(TicketClaims.ExpiresAt, ticket.ExpiresAt.ToUnixTimeSeconds());
            writer.WriteString(TicketClaims.Id, ticket.Id);
        });
        var signed = $"{header}.{payload}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(stream.ToArray());
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TicketKeyMissing, LogLevel.Warning,
            "Cannot issue tickets for the match on {Server}, and perhaps others: this backend has none of its keys ({KeyIds})")]
        public static partial void KeyMissing(ILogger logger, string server, string keyIds);
    }
}
