namespace GameStack.Tests.Support.Reliability;

/// <summary>Compares what players were told with what Redis, Postgres and the process table have.</summary>
public sealed class Audit(PlayerLedger ledger, QueueView queue, MatchTable table, BackendPool backends, string serverMark, int standby)
{
    /// <summary>Within this time everything that a dead backend left behind is cleaned up.</summary>
    private static readonly TimeSpan SettleWithin = TimeSpan.FromSeconds(60);

    /// <summary>A server that is going refuses players a moment before its match is over.</summary>
    private static readonly TimeSpan Going = TimeSpan.FromSeconds(10);

    /// <summary>At any moment: everybody who was answered is in one place, and those who wait are where they were.</summary>
    public async Task LookAsync()
    {
        var lives = ledger.Open;
        foreach (var (life, place) in lives.Zip(await queue.PlacesAsync([.. lives.Select(life => life.Player)])))
        {
            ledger.CountLook();

            // Whoever was told of the end meanwhile, and has joined again, is in another life.
            if (place.Fault(life.Since) is { } fault && ledger.Find(life.Player) is { } now && now.Since == life.Since)
            {
                ledger.Break(fault);
            }
        }
    }

    /// <summary>When nobody plays any more: every promise.</summary>
    public async Task<AuditReport> RunAsync()
    {
        var leftovers = await SettleAsync();
        await LookAsync();
        var rows = await table.WaitUntilAsync(_ => true, "audit");
        var lives = ledger.All;
        var over = ledger.Over;
        var players = lives.Select(life => life.Player).Distinct().Count();
        var sessions = over.Select(life => life.EndedSession!).Distinct().ToList();
        var byId = rows.ToLookup(row => row.SessionId);
        return new AuditReport(
        [
            new($"everybody who was answered was in exactly one place, with the time of joining, at every look ({ledger.Looks} looks)",
                ledger.Broken),
            new("every player was matched and told the end, or still waits "
                + $"({players} players, {over.Count} matched, {ledger.Open.Count} waiting)",
                [.. ledger.Open.Where(life => life.Seat is not null).Select(life => $"{life} is in limbo")]),
            new($"who was told of a match was told of the same at its end ({over.Count(life => life.Seat is not null)} were)",
                [.. over.Where(life => life.Seat is { } seat && seat.SessionId != life.EndedSession).Select(life => life.ToString())]),
            new($"all players of a match were told the same address ({sessions.Count} matches)", DifferentAddresses(over)),
            new("who was told to connect could, unless the server died with its backend "
                + $"({over.Count(life => life.RefusedAt is not null)} could not)",
                [.. over.Where(life => life.RefusedAt is not null && !IsExcused(life, byId))
                    .Select(life => $"{life}: {byId[life.EndedSession!].FirstOrDefault()}")]),
            new($"every match has its one row ({rows.Count} matches)",
                [.. sessions.Where(session => byId[session].Count() != 1)
                    .Select(session => $"{session} has {byId[session].Count()} rows")]),
            new("the rows have the players who were told of the match, and no others but whose join was cut off "
                + $"({rows.Sum(row => row.Players.Length)} places)",
                DifferentPlayers(over, rows)),
            new($"every row has its end ({rows.Count} rows)", [.. rows.Where(row => row.EndedAt is null).Select(row => row.ToString())]),
            new($"no player was in two matches at a time ({players} players)", Overlaps(rows)),
            new("no claim, no live match, no record and no game server is left over", leftovers),
        ]);
    }

    private static List<string> DifferentAddresses(IReadOnlyList<PlayerLife> over) =>
        [.. over.Select(life => life.Seat).OfType<Seat>().GroupBy(seat => seat.SessionId)
            .Where(match => match.Select(seat => (seat.Host, seat.Port)).Distinct().Count() > 1)
            .Select(match => string.Join(", ", match))];

    private List<string> DifferentPlayers(IReadOnlyList<PlayerLife> over, IReadOnlyList<MatchRow> rows)
    {
        var told = over.Select(life => (Session: life.EndedSession!, life.Player)).ToHashSet();
        var recorded = rows.SelectMany(row => row.Players.Select(player => (Session: row.SessionId, Player: player))).ToHashSet();
        return
        [
            .. told.Except(recorded).Select(pair => $"{pair} was told, and is in no row"),
            .. recorded.Except(told).GroupBy(pair => pair.Player)
                .Where(player => player.Count() > ledger.UnansweredJoins.GetValueOrDefault(player.Key))
                .Select(player => $"{player.Key} was not told of {string.Join(", ", player)}"),
        ];
    }

    private static List<string> Overlaps(IReadOnlyList<MatchRow> rows) =>
        [.. rows.SelectMany(row => row.Players.Select(player => (player, row)))
            .GroupBy(place => place.player, place => place.row)
            .SelectMany(player => player.OrderBy(row => row.CreatedAt).Pairwise().Where(pair => pair.Later.CreatedAt < pair.Earlier.EndedAt)
                .Select(pair => $"{player.Key}: {pair}"))];

    private bool IsExcused(PlayerLife life, ILookup<string, MatchRow> rows) => rows[life.EndedSession!].FirstOrDefault() is { } row
        && (backends.Killed.Contains(row.BackendPod!) || row.EndedAt < life.RefusedAt + Going);

    /// <summary>Waits until nothing is left over, and answers what is when the time is up.</summary>
    private async Task<IReadOnlyList<string>> SettleAsync()
    {
        IReadOnlyList<string> left = [];
        try
        {
            await Eventually.IsAsync("nothing left over", async _ => (left = await FindLeftoversAsync()).Count == 0, SettleWithin);
        }
        catch (TimeoutException)
        {
            // Whatever is left breaks a promise, and the report has it.
        }

        return left;
    }

    private async Task<List<string>> FindLeftoversAsync()
    {
        var owners = backends.Live.Select(backend => backend.Id).ToHashSet();
        var servers = ProcessTable.Find(serverMark)
            .Where(process => process.Command.Contains("GameServer", StringComparison.Ordinal)).ToList();
        var outbox = await queue.OutboxAsync();
        return
        [
            .. (await queue.ClaimsAsync()).Select(match => $"match {match} is claimed"),
            .. (await queue.LiveAsync()).Select(match => $"match {match} is live"),
            .. outbox > 0 ? [$"{outbox} records are in the outbox"] : Array.Empty<string>(),
            .. servers.Where(server => !owners.Contains(server.Parent)).Select(server => $"game server {server} has no backend"),
            .. servers.GroupBy(server => server.Parent).Where(pool => owners.Contains(pool.Key) && pool.Count() > standby)
                .Select(pool => $"backend {pool.Key} has {pool.Count()} game servers and no match"),
        ];
    }
}
