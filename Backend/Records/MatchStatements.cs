namespace GameStack.Backend.Records;

/// <summary>
/// The SQL on the tables of MatchSchema.sql. Rows of an older table may lack all but the session id. Queues may share the tables: $1 of
/// what reads is the queue. A row without a queue is of an older version and may be of any queue.
/// </summary>
internal static class MatchStatements
{
    /// <summary>$2: a session id.</summary>
    public const string Find = $"{Select} WHERE m.session_id = $2 AND {OfQueue}";

    /// <summary>$2: a player id.</summary>
    public const string FindLatest =
        $"""
        {Select} JOIN match_players p ON p.session_id = m.session_id
        WHERE p.player_id = $2 AND {OfQueue}
        ORDER BY p.created_at DESC, p.session_id DESC LIMIT 1
        """;

    /// <summary>$2: the maximum number of matches.</summary>
    public const string ListActive = $"{Select} WHERE m.ended_at IS NULL AND {OfQueue} {NewestFirst} LIMIT $2";

    /// <summary>$2: the maximum number of matches, $3: the session id after which they begin.</summary>
    public const string ListActiveAfter =
        $"""
        {Select}, (SELECT m.created_at, m.session_id FROM matches m WHERE m.session_id = $3 AND {OfQueue}) AS last
        WHERE m.ended_at IS NULL AND {OfQueue} AND (
            m.created_at < last.created_at
            OR (m.created_at = last.created_at AND m.session_id < last.session_id)
            OR (m.created_at IS NULL AND (last.created_at IS NOT NULL OR m.session_id < last.session_id)))
        {NewestFirst} LIMIT $2
        """;

    /// <summary>
    /// $1 to $7: arrays of session ids, players (JSON, as text), backend pods, game server pods, creation times, end times and what ended
    /// the matches. $8: their queue.
    /// <para>
    /// Merges the incoming records with one another and with the existing rows, by rules that do not depend on the order: the earliest
    /// creation, the earliest end and what caused it, the players and the pods that are not empty. (A match's players never change; if its
    /// pods do, the greatest name wins.) Rows are locked in the order of their keys, so that two backends that write the same matches do
    /// not deadlock. A row that would stay as it is is not written, and neither are its players.
    /// </para>
    /// </summary>
    public const string Upsert =
        """
        WITH incoming AS (
            SELECT session_id,
                coalesce(max(nullif(players, '[]')), '[]')::jsonb AS players,
                max(backend_pod COLLATE "C") AS backend_pod,
                max(game_server_pod COLLATE "C") AS game_server_pod,
                min(created_at) AS created_at,
                min(ended_at) AS ended_at,
                (array_agg(ended_by ORDER BY ended_at, ended_by COLLATE "C" DESC NULLS LAST))[1] AS ended_by
            FROM unnest($1, $2, $3, $4, $5, $6, $7)
                AS entry (session_id, players, backend_pod, game_server_pod, created_at, ended_at, ended_by)
            GROUP BY session_id
        ), written AS (
            INSERT INTO matches AS m (session_id, players_json, backend_pod, game_server_pod, created_at, ended_at, ended_by, queue)
            SELECT session_id, players, backend_pod, game_server_pod, created_at, ended_at, ended_by, $8
            FROM incoming
            ORDER BY session_id
            ON CONFLICT (session_id) DO UPDATE SET
                players_json = CASE WHEN coalesce(m.players_json, '[]') = '[]' THEN excluded.players_json ELSE m.players_json END,
                backend_pod = greatest(m.backend_pod COLLATE "C", excluded.backend_pod COLLATE "C"),
                game_server_pod = greatest(m.game_server_pod COLLATE "C", excluded.game_server_pod COLLATE "C"),
                created_at = least(m.created_at, excluded.created_at),
                ended_at = least(m.ended_at, excluded.ended_at),
                ended_by = CASE
                    WHEN m.ended_at IS NULL OR excluded.ended_at < m.ended_at THEN excluded.ended_by
                    WHEN excluded.ended_at = m.ended_at THEN greatest(m.ended_by COLLATE "C", excluded.ended_by COLLATE "C")
                    ELSE m.ended_by END,
                queue = coalesce(m.queue, excluded.queue)
            WHERE (coalesce(m.players_json, '[]') = '[]' AND excluded.players_json <> '[]')
                OR m.backend_pod IS NULL OR m.backend_pod COLLATE "C" < excluded.backend_pod COLLATE "C"
                OR m.game_server_pod IS NULL OR m.game_server_pod COLLATE "C" < excluded.game_server_pod COLLATE "C"
                OR m.created_at IS NULL OR m.created_at > excluded.created_at
                OR (m.ended_at IS NULL AND excluded.ended_at IS NOT NULL) OR m.ended_at > excluded.ended_at
                OR (m.ended_at = excluded.ended_at AND coalesce(m.ended_by, '') COLLATE "C" < excluded.ended_by COLLATE "C")
                OR m.queue IS NULL
            RETURNING m.session_id, m.players_json, m.created_at
        )
        INSERT INTO match_players AS p (player_id, session_id, created_at)
        SELECT DISTINCT player_id COLLATE "C", session_id, created_at
        FROM written, jsonb_array_elements_text(players_json) AS player_id
        ORDER BY player_id COLLATE "C", session_id
        ON CONFLICT (player_id, session_id) DO UPDATE SET created_at = excluded.created_at
        WHERE p.created_at <> excluded.created_at
        """;

    /// <summary>
    /// $1: ended before this time, $2: created before this time without an end, $3: the maximum number of each. Returns the number of
    /// matches, or null while another backend deletes.
    /// <para>
    /// A row that is being written is left for the next time. The players are looked up by their key, which begins with the player; a join
    /// with their names would read the whole table.
    /// </para>
    /// </summary>
    public const string DeleteOld =
        """
        WITH turn AS MATERIALIZED (
            SELECT pg_try_advisory_xact_lock(7310579611540190) AS is_ours
        ), ended AS (
            SELECT session_id FROM matches
            WHERE ended_at < $1 AND (SELECT is_ours FROM turn)
            ORDER BY ended_at LIMIT $3 FOR UPDATE SKIP LOCKED
        ), lost AS (
            SELECT session_id FROM matches
            WHERE ended_at IS NULL AND created_at < $2 AND (SELECT is_ours FROM turn)
            LIMIT $3 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM matches AS m
            USING (SELECT session_id FROM ended UNION ALL SELECT session_id FROM lost) AS old
            WHERE m.session_id = old.session_id
            RETURNING m.session_id, m.players_json
        ), players AS (
            DELETE FROM match_players AS p
            USING (
                SELECT session_id, ARRAY(SELECT jsonb_array_elements_text(
                    CASE jsonb_typeof(players_json) WHEN 'array' THEN players_json ELSE '[]' END)) AS player_ids
                FROM gone
            ) AS old
            WHERE p.player_id = ANY (old.player_ids) AND p.session_id = old.session_id
        ), refused AS (
            DELETE FROM match_records_refused
            WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM match_records_refused WHERE refused_at < $1 AND (SELECT is_ours FROM turn) LIMIT $3))
        )
        SELECT CASE WHEN is_ours THEN (SELECT count(*) FROM gone) END FROM turn
        """;

    private const string OfQueue = "(m.queue = $1 OR m.queue IS NULL)";

    private const string NewestFirst = "ORDER BY m.created_at DESC NULLS LAST, m.session_id DESC";

    private const string Select =
        """
        SELECT m.session_id, coalesce(m.players_json, '[]')::text, coalesce(m.backend_pod, ''), coalesce(m.game_server_pod, ''),
            coalesce(m.created_at, 'epoch'), m.ended_at, m.ended_by
        FROM matches m
        """;
}
