using System.Text.Json;
using GameStack.Backend.Records;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using static GameStack.Backend.Queue.Redis.RedisFields;

namespace GameStack.Backend.Queue.Redis;

/// <summary>The outbox that the scripts write to, shared by all backends.</summary>
internal sealed class RedisOutbox(
    RedisScriptRunner scripts, IMatchRecords records, IOptions<MatchmakingOptions> options, QueueSignals signals, OutboxLosses losses)
    : IMatchOutbox
{
    public async Task<IReadOnlyList<OutboxEntry>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await scripts.ReadAsync(RedisScripts.Outbox, cancellationToken,
            max, (long)options.Value.Lease.TotalMilliseconds, records.AreKept))!;
        losses.Add((long)answer[0]);
        return [.. ((RedisResult[])answer[1]!).Select(ReadEntry)];
    }

    public Task TrimAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        RedisValue[] entries = [.. ids.Select(id => (RedisValue)id)];
        return scripts.CallAsync((redis, prefix) => redis.StreamDeleteAsync(prefix.Append(":outbox"), entries), cancellationToken);
    }

    public Task WaitForEntriesAsync(CancellationToken cancellationToken) => signals.WaitForOutboxAsync(cancellationToken);

    // ["1764000000000-0", ["match", "<uuid>", "players", "[\"p1\"]", "backend", "b", "server", "s", "created", "<us>", "ended", "",
    //  "ended_by", ""]], where an older backend's entries lack the last field
    private static OutboxEntry ReadEntry(RedisResult entry)
    {
        var parts = (RedisResult[])entry!;
        var (id, fields) = ((string)parts[0]!, (string[])parts[1]!);
        return ReadRecord(fields) is { } record
            ? new OutboxEntry(id, record)
            : new OutboxEntry(id, Record: null) { Unreadable = JsonSerializer.Serialize(fields) };
    }

    private static MatchRecord? ReadRecord(string[] f)
    {
        if (f.Length < 12)
        {
            return null;
        }

        try
        {
            return new MatchRecord
            {
                SessionId = Guid.Parse(f[1]),
                Players = ReadPlayers(f[3]),
                BackendPod = f[5],
                GameServerPod = f[7],
                CreatedAt = ReadTime(f[9]),
                EndedAt = f[11].Length == 0 ? null : ReadTime(f[11]),
                EndedBy = f.Length > 13 && f[13].Length > 0 ? f[13] : null,
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException or JsonException)
        {
            return null;
        }
    }
}
