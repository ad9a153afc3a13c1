-- Creates the tables of the match records, or migrates them from any older table "matches", and keeps its rows.
-- Runs in a transaction, any number of times, by several backends at once: the first one does the work, the others wait and find it done.
--
-- Assumptions about an older table:
-- - session_id is a uuid, or text that holds one; rows with any other text are kept, but no player's status leads to them.
-- - players_json is json, jsonb or text that holds a JSON array; a row with anything else has no players.
-- - times without a time zone are UTC.
-- - without a column ended_at, nothing shows which matches still run: every row counts as ended when the column is added.
-- - columns that are not ours stay, but lose a NOT NULL that would refuse our rows.

SELECT pg_advisory_xact_lock(7310579611540189);

SET LOCAL lock_timeout = '10s';
SET LOCAL timezone = 'UTC';
SET LOCAL client_min_messages = 'warning';

CREATE TABLE IF NOT EXISTS matches (
    session_id uuid PRIMARY KEY,
    players_json jsonb NOT NULL,
    backend_pod text NOT NULL,
    game_server_pod text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);

-- Each step checks first: a statement with IF NOT EXISTS would take its lock and wait for writers even when there is nothing to do.
DO $$
DECLARE
    ours CONSTANT text[] := ARRAY['session_id', 'players_json', 'backend_pod', 'game_server_pod', 'created_at', 'ended_at'];
    step record;
BEGIN
    FOR step IN
        SELECT wanted.name, wanted.type
        FROM (VALUES ('session_id', 'uuid'), ('players_json', 'jsonb'), ('backend_pod', 'text'), ('game_server_pod', 'text'),
            ('created_at', 'timestamptz'), ('ended_at', 'timestamptz DEFAULT now()')) AS wanted (name, type)
        WHERE NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = 'matches'::regclass AND attname = wanted.name AND NOT attisdropped)
    LOOP
        EXECUTE format('ALTER TABLE matches ADD COLUMN %I %s', step.name, step.type);
        EXECUTE format('ALTER TABLE matches ALTER COLUMN %I DROP DEFAULT', step.name);
    END LOOP;

    FOR step IN
        SELECT attname AS name
        FROM pg_attribute
        WHERE attrelid = 'matches'::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull
            AND NOT atthasdef AND attidentity = '' AND (attname = 'ended_at' OR attname <> ALL (ours))
            AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))
    LOOP
        EXECUTE format('ALTER TABLE matches ALTER COLUMN %I DROP NOT NULL', step.name);
    END LOOP;

    -- varchar(255) would refuse a long list of players; widening it changes only the catalogue.
    FOR step IN
        SELECT attname AS name
        FROM pg_attribute
        WHERE attrelid = 'matches'::regclass AND NOT attisdropped AND atttypmod > 0
            AND atttypid IN ('varchar'::regtype, 'bpchar'::regtype)
            AND attname IN ('players_json', 'backend_pod', 'game_server_pod')
    LOOP
        EXECUTE format('ALTER TABLE matches ALTER COLUMN %I TYPE text', step.name);
    END LOOP;

    IF NOT EXISTS (
        SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indrelid = 'matches'::regclass AND attname = 'session_id' AND indisunique AND indisvalid AND indimmediate
            AND indnkeyatts = 1 AND indpred IS NULL)
    THEN
        CREATE UNIQUE INDEX matches_session_id ON matches (session_id);
    END IF;

    IF to_regclass('matches_active') IS NULL THEN
        CREATE INDEX matches_active ON matches (created_at DESC NULLS LAST) WHERE ended_at IS NULL;
    END IF;

    IF to_regclass('match_players') IS NULL THEN
        CREATE TABLE match_players (
            player_id text COLLATE "C" NOT NULL,
            session_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (player_id, session_id)
        );

        FOR step IN SELECT session_id::text AS id, players_json::text AS players, created_at FROM matches WHERE players_json IS NOT NULL LOOP
            BEGIN
                INSERT INTO match_players (player_id, session_id, created_at)
                SELECT DISTINCT player, step.id::uuid, coalesce(step.created_at, 'epoch')
                FROM json_array_elements_text(step.players::json) AS player
                WHERE player IS NOT NULL
                ON CONFLICT DO NOTHING;
            EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
                NULL;
            END;
        END LOOP;

        CREATE INDEX match_players_newest ON match_players (player_id, created_at DESC, session_id DESC);
    END IF;

    -- Records that "matches" refuses (for example, because of an older table's constraint), kept for an operator to look at.
    IF to_regclass('match_records_refused') IS NULL THEN
        CREATE TABLE match_records_refused (
            refused_at timestamptz NOT NULL DEFAULT now(),
            record text NOT NULL,
            reason text NOT NULL
        );
    END IF;
END
$$;
