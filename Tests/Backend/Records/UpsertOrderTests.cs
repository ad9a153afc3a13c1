using FsCheck;
using FsCheck.Fluent;
using GameStack.Backend.Records;
using GameStack.Tests.Support;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class UpsertOrderTests(PostgresFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_whatever_order_and_however_often_records_come_the_rows_end_up_the_same()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var records = new PostgresMatchRecords(database, TestRecords.Backend);
        await records.PrepareAsync(Cancelled);
        var property = Prop.ForAll(Stories().ToArbitrary(), async story =>
        {
            // Two histories of the same matches under different ids: each its own order, repetitions and batches.
            var first = await WriteAsync(records, story, story.FirstSeed);
            var second = await WriteAsync(records, story, story.SecondSeed);
            for (var match = 0; match < Story.Matches; match++)
            {
                if (story.Expected(match, first[match]) is { } expected)
                {
                    TestRecords.Same(expected, await records.FindAsync(first[match], Cancelled));
                    TestRecords.Same(expected with { SessionId = second[match] }, await records.FindAsync(second[match], Cancelled));
                    Assert.Equal(expected.Players.Order(), await PlayersAsync(database, first[match], expected.CreatedAt));
                }
            }
        });

        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), property), Cancelled);
    }

    private static async Task<List<string>> PlayersAsync(NpgsqlDataSource database, Guid match, DateTimeOffset createdAt)
    {
        await using var command = database.CreateCommand(
            "SELECT player_id FROM match_players WHERE session_id = $1 AND created_at = $2 ORDER BY player_id");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = match });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = createdAt.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        var players = new List<string>();
        while (await reader.ReadAsync(Cancelled))
        {
            players.Add(reader.GetString(0));
        }

        return players;
    }

    private static async Task<Guid[]> WriteAsync(PostgresMatchRecords records, Story story, int seed)
    {
        var random = new Random(seed);
        Guid[] ids = [.. Enumerable.Range(0, Story.Matches).Select(_ => Guid.NewGuid())];
        var entries = story.Events.Concat(story.Events.Where(_ => random.Next(3) == 0)).Select(e => e.ToRecord(ids[e.Match])).ToArray();
        random.Shuffle(entries);
        for (var at = 0; at < entries.Length;)
        {
            var size = random.Next(1, 6);
            await records.UpsertAsync([.. entries.Skip(at).Take(size)], Cancelled);
            at += size;
        }

        return ids;
    }

    private static Gen<Story> Stories()
    {
        var events =
            from match in Gen.Choose(0, Story.Matches - 1)
            from created in Gen.Choose(0, 3)
            from ended in Gen.Choose(-2, 3)
            from pods in Gen.Two(Gen.Elements("", "a", "b", "Z", "\u00E9", "\U0001F600", "\uFF5E"))
            from known in Gen.Elements(true, true, false)
            from cause in Gen.Elements(null, "server", "player:\u00E9", "player:\U0001F600", "player:\uFF5E")
            select new StoryEvent(match, created, ended < 0 ? null : ended, pods.Item1, pods.Item2, known, cause);
        return from list in events.NonEmptyListOf()
               from first in Gen.Choose(0, int.MaxValue - 1)
               from second in Gen.Choose(0, int.MaxValue - 1)
               select new Story([.. list], first, second);
    }

    private sealed record StoryEvent(
        int Match, int Created, int? Ended, string BackendPod, string GameServerPod, bool PlayersKnown, string? EndedBy)
    {
        public static string[] PlayersOf(int match) => [$"p{match}", $"q{match}", "everywhere"];

        public MatchRecord ToRecord(Guid id) => new()
        {
            SessionId = id,
            Players = PlayersKnown ? PlayersOf(Match) : [],
            BackendPod = BackendPod,
            GameServerPod = GameServerPod,
            CreatedAt = TestRecords.Noon.AddMicroseconds(Created),
            EndedAt = Ended is { } ended ? TestRecords.Noon.AddMicroseconds(ended) : null,
            EndedBy = Ended is null ? null : EndedBy,
        };
    }

    private sealed record Story(IReadOnlyList<StoryEvent> Events, int FirstSeed, int SecondSeed)
    {
        public const int Matches = 3;

        /// <summary>The rules in words of C#; null when nothing of this match happens.</summary>
        public MatchRecord? Expected(int match, Guid id)
        {
            var own = Events.Where(e => e.Match == match).ToList();
            return own.Count == 0 ? null : new MatchRecord
            {
                SessionId = id,
                Players = own.Any(e => e.PlayersKnown) ? StoryEvent.PlayersOf(match) : [],
                BackendPod = own.Select(e => e.BackendPod).MaxBy(Bytes)!,
                GameServerPod = own.Select(e => e.GameServerPod).MaxBy(Bytes)!,
                CreatedAt = TestRecords.Noon.AddMicroseconds(own.Min(e => e.Created)),
                EndedAt = own.Min(e => e.Ended) is { } ended ? TestRecords.Noon.AddMicroseconds(ended) : null,
                EndedBy = own.Where(e => e.Ended is not null && e.Ended == own.Min(other => other.Ended))
                    .Select(e => e.EndedBy).MaxBy(by => Bytes(by ?? "")),
            };
        }

        // Postgres compares the bytes of UTF-8, C# the units of UTF-16.
        private static string Bytes(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
