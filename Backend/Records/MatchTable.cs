namespace GameStack.Backend.Records;

/// <summary>The statements on <c>matches</c>, for the column types of this database: an older table keeps its own types.</summary>
public sealed class MatchTable
{
    private readonly string _sessionId;
    private readonly string _players;
    private readonly string _createdAt;
    private readonly string _endedAt;

    private MatchTable(string sessionId, string players, string createdAt, string endedAt)
    {
        _sessionId = sessionId;
        _players = players;
        _createdAt = createdAt;
        _endedAt = endedAt;

        var columns =
            $"""
            SELECT m.session_id::text, coalesce(m.players_json::text, '[]'), coalesce(m.backend_pod, ''), coalesce(m.game_server_pod, ''),
                coalesce({Read(_createdAt, "m.created_at")}, 'epoch'), {Read(_endedAt, "m.ended_at")}
            FROM matches m
            """;
        Upsert = UpsertStatement();
        Find = $"{columns} WHERE m.session_id = $1::{_sessionId}";
        ListActive = $"{columns} WHERE m.ended_at IS NULL ORDER BY m.created_at DESC NULLS LAST LIMIT $1";
        FindLatest =
            $"""
            {columns}
            WHERE m.session_id = (
                SELECT session_id FROM match_players WHERE player_id = $1 ORDER BY created_at DESC, session_id DESC LIMIT 1)::{_sessionId}
            """;
    }

    /// <summary>
    /// $1 to $6: arrays of session ids (uuid), players (JSON, text), backend pods, game server pods, creation times and end times.
    /// </summary>
    public string Upsert { get; }

    /// <summary>$1: a session id (uuid).</summary>
    public string Find { get; }

    /// <summary>$1: a player id.</summary>
    public string FindLatest { get; }

    /// <summary>$1: the maximum number of matches.</summary>
    public string ListActive { get; }

    /// <param name="types">Postgres's names of the column types, by column.</param>
    internal static MatchTable Of(IReadOnlyDictionary<string, string> types)
    {
        string[] times = ["timestamptz", "timestamp"];
        return new MatchTable(
            Check("session_id", "uuid", "text", "varchar", "bpchar"),
            Check("players_json", "jsonb", "json", "text", "varchar"),
            Check("created_at", times),
            Check("ended_at", times));

        string Check(string column, params string[] known) => known.Contains(types[column])
            ? types[column]
            : throw new NotSupportedException($"The column {column} of the table matches is of type {types[column]}, and none of {string.Join(", ", known)}.");
    }

    // Times without a time zone are UTC.
    private static string Read(string type, string column) => type == "timestamp" ? $"({column} AT TIME ZONE 'UTC')" : column;

    private static string Write(string type, string value) => type == "timestamp" ? $"({value} AT TIME ZONE 'UTC')" : $"{value}::{type}";

    /// <summary>
    /// Merges the incoming records with one another and with the existing rows, by rules that do not depend on the order: the earliest
    /// creation, the earliest end, the players and the pods that are not empty. (A match's players never change; if its pods do, the
    /// greatest name wins.) Rows are locked in the order of their keys, so that two backends that write the same matches do not deadlock. A
    /// row that would stay as it is is not written, and neither are its players.
    /// </summary>
    private string UpsertStatement() =>
        $"""
        WITH incoming AS (
            SELECT session_id,
                coalesce(max(nullif(players, '[]')), '[]') AS players,
                max(backend_pod COLLATE "C") AS backend_pod,
                max(game_server_pod COLLATE "C") AS game_server_pod,
                min(created_at) AS created_at,
                min(ended_at) AS ended_at
            FROM unnest($1, $2, $3, $4, $5, $6) AS entry (session_id, players, backend_pod, game_server_pod, created_at, ended_at)
            GROUP BY session_id
        ), written AS (
            INSERT INTO matches AS m (session_id, players_json, backend_pod, game_server_pod, created_at, ended_at)
            SELECT session_id::{_sessionId}, players::{_players}, backend_pod, game_server_pod,
                {Write(_createdAt, "created_at")}, {Write(_endedAt, "ended_at")}
            FROM incoming
            ORDER BY session_id
            ON CONFLICT (session_id) DO UPDATE SET
                players_json = CASE WHEN coalesce(m.players_json::text, '[]') = '[]' THEN excluded.players_json ELSE m.players_json END,
                backend_pod = greatest(m.backend_pod COLLATE "C", excluded.backend_pod COLLATE "C"),
                game_server_pod = greatest(m.game_server_pod COLLATE "C", excluded.game_server_pod COLLATE "C"),
                created_at = least(m.created_at, excluded.created_at),
                ended_at = least(m.ended_at, excluded.ended_at)
            WHERE (coalesce(m.players_json::text, '[]') = '[]' AND excluded.players_json::text <> '[]')
                OR m.backend_pod IS NULL OR m.backend_pod COLLATE "C" < excluded.backend_pod COLLATE "C"
                OR m.game_server_pod IS NULL OR m.game_server_pod COLLATE "C" < excluded.game_server_pod COLLATE "C"
                OR m.created_at IS NULL OR m.created_at > excluded.created_at
                OR (m.ended_at IS NULL AND excluded.ended_at IS NOT NULL) OR m.ended_at > excluded.ended_at
            RETURNING m.session_id::text::uuid AS session_id, m.players_json::text AS players, {Read(_createdAt, "m.created_at")} AS created_at
        )
        INSERT INTO match_players AS p (player_id, session_id, created_at)
        SELECT DISTINCT player_id COLLATE "C", session_id, created_at
        FROM written, json_array_elements_text(players::json) AS player_id
        ORDER BY player_id COLLATE "C", session_id
        ON CONFLICT (player_id, session_id) DO UPDATE SET created_at = excluded.created_at
        WHERE p.created_at <> excluded.created_at
        """;
}
