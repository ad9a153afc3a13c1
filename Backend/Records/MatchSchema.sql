-- Creates the tables of the match records. An older table "matches" is converted to the same columns once, and keeps its rows.
-- Runs in a transaction, any number of times, by several backends at once: the first one does the work, the others wait and find it done.
-- Looks before it creates: where all is there, the role needs only SELECT, INSERT and UPDATE on the tables. A role that lacks a right fails
-- with what it cannot do.
--
-- What becomes of an older table:
-- - session_id becomes a uuid. Any text but a uuid in lower case moves to the column older_id; the row gets a uuid made from it, and counts
--   as ended, so that no answer contains it.
-- - players_json becomes jsonb. Text that is not JSON becomes a JSON string. A row without a JSON array has no players.
-- - Times without a time zone are UTC.
-- - Without a column ended_at, nothing shows which matches still run: every row counts as ended when the column is added.
-- - Without a column queue, rows may be of any queue: each queue reads them as its own, and its first write to one makes it so.
-- - Other columns stay, but lose a NOT NULL that would refuse our rows.
-- - Postgres does not convert a column that a view or a foreign key uses: the migration changes nothing, and is tried again until it can.
--
-- Backends of an older version may still run. When session_id or players_json has been converted, Postgres refuses their next statement,
-- and they look at the types again. When only times have been converted, they may read and write wrong times until they stop. They write
-- rows without a queue, which is why the column has no default: a wrong queue would hide a match from its own.

SET LOCAL lock_timeout = '10s';
SELECT pg_advisory_xact_lock(7310579611540189);
SET LOCAL timezone = 'UTC';
SET LOCAL client_min_messages = 'warning';

-- Each step checks first: a statement with IF NOT EXISTS needs the right to create, and takes its lock and waits for writers, even when
-- there is nothing to do.
DO $$
DECLARE
    ours CONSTANT text[] := ARRAY['session_id', 'players_json', 'backend_pod', 'game_server_pod', 'created_at', 'ended_at',
        'ended_by', 'queue'];
    uuid_text CONSTANT text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    conversions text[] := '{}';
    step record;
    doing text;
    lacking text;
BEGIN
    IF to_regclass('matches') IS NULL THEN
        doing := 'create the table matches';
        CREATE TABLE matches (
            session_id uuid PRIMARY KEY,
            players_json jsonb NOT NULL,
            backend_pod text NOT NULL,
            game_server_pod text NOT NULL,
            created_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_by text,
            queue text
        );
    END IF;

    doing := 'change columns of the table matches';
    FOR step IN
        SELECT wanted.name, wanted.type
        FROM (VALUES ('session_id', 'uuid'), ('players_json', 'jsonb'), ('backend_pod', 'text'), ('game_server_pod', 'text'),
            ('created_at', 'timestamptz'), ('ended_at', 'timestamptz DEFAULT now()'), ('ended_by', 'text'),
            ('queue', 'text')) AS wanted (name, type)
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
            AND NOT atthasdef AND attidentity = '' AND (attname IN ('ended_at', 'ended_by', 'queue') OR attname <> ALL (ours))
            AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))
    LOOP
        EXECUTE format('ALTER TABLE matches ALTER COLUMN %I DROP NOT NULL', step.name);
    END LOOP;

    IF to_regclass('match_players') IS NULL THEN
        doing := 'create the table match_players from matches';

        -- Keeps writers from adding a row that the copying has passed.
        LOCK TABLE matches IN ACCESS EXCLUSIVE MODE;

        CREATE TABLE match_players (
            player_id text COLLATE "C" NOT NULL,
            session_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (player_id, session_id)
        );

        FOR step IN
            SELECT session_id::text AS id, players_json::text AS players, created_at
            FROM matches
            WHERE session_id::text ~ uuid_text AND players_json IS NOT NULL
        LOOP
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

    doing := 'convert columns of the table matches';
    FOR step IN
        SELECT older.name, older.type AS older_type, wanted.type, wanted.older_types, wanted.value
        FROM (VALUES
            ('session_id', 'uuid', '{text, varchar, bpchar}'::regtype[],
                format('CASE WHEN session_id::text ~ %L THEN session_id::text ELSE md5(session_id::text) END::uuid', uuid_text)),
            ('players_json', 'jsonb', '{text, varchar, bpchar, json}', 'pg_temp.as_jsonb(players_json::text)'),
            ('backend_pod', 'text', '{varchar, bpchar}', 'backend_pod::text'),
            ('game_server_pod', 'text', '{varchar, bpchar}', 'game_server_pod::text'),
            ('created_at', 'timestamptz', '{timestamp}', 'created_at AT TIME ZONE ''UTC'''),
            ('ended_at', 'timestamptz', '{timestamp}', 'ended_at AT TIME ZONE ''UTC'''),
            ('ended_by', 'text', '{varchar, bpchar}', 'ended_by::text'),
            ('queue', 'text', '{varchar, bpchar}', 'queue::text')) AS wanted (name, type, older_types, value)
        JOIN (
            SELECT attname AS name, atttypid::regtype AS type FROM pg_attribute WHERE attrelid = 'matches'::regclass AND NOT attisdropped
        ) AS older ON older.name = wanted.name AND older.type <> wanted.type::regtype
    LOOP
        IF step.older_type <> ALL (step.older_types) THEN
            RAISE 'The column % of the table matches is of type %, which cannot become %', step.name, step.older_type, step.type
                USING ERRCODE = 'feature_not_supported';
        END IF;

        -- Postgres cannot convert a default of these columns. Every known writer sets them.
        IF step.name IN ('session_id', 'players_json') THEN
            EXECUTE format('ALTER TABLE matches ALTER COLUMN %I DROP DEFAULT', step.name);
        END IF;

        IF step.name = 'session_id' AND EXISTS (SELECT FROM matches WHERE session_id::text !~ uuid_text) THEN
            ALTER TABLE matches ADD COLUMN IF NOT EXISTS older_id text;
            UPDATE matches SET older_id = session_id, ended_at = coalesce(ended_at, now()) WHERE session_id::text !~ uuid_text;
        ELSIF step.name = 'players_json' THEN
            CREATE OR REPLACE FUNCTION pg_temp.as_jsonb(older text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $function$
            BEGIN
                RETURN older::jsonb;
            EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
                RETURN to_jsonb(older);
            END
            $function$;
        END IF;

        conversions := conversions || format('ALTER COLUMN %I TYPE %s USING %s', step.name, step.type, step.value);
    END LOOP;

    -- All at once: each ALTER TABLE would rewrite the whole table.
    IF conversions <> '{}' THEN
        EXECUTE 'ALTER TABLE matches ' || array_to_string(conversions, ', ');
    END IF;

    doing := 'create an index of the table matches';
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

    -- For deleting old matches. A role that does not own the table does without it.
    IF to_regclass('matches_ended') IS NULL
        AND (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'matches'::regclass)
    THEN
        CREATE INDEX matches_ended ON matches (ended_at) WHERE ended_at IS NOT NULL;
    END IF;

    -- Records that "matches" refuses (for example, because of an older table's constraint), kept for an operator to look at.
    IF to_regclass('match_records_refused') IS NULL THEN
        doing := 'create the table match_records_refused';
        CREATE TABLE match_records_refused (
            refused_at timestamptz NOT NULL DEFAULT now(),
            record text NOT NULL,
            reason text NOT NULL
        );
    END IF;

    SELECT string_agg(format('%s on %s', needed.privilege, needed.name), ', ') INTO lacking
    FROM (VALUES ('matches', 'SELECT'), ('matches', 'INSERT'), ('matches', 'UPDATE'), ('match_players', 'SELECT'),
        ('match_players', 'INSERT'), ('match_players', 'UPDATE'), ('match_records_refused', 'INSERT')) AS needed (name, privilege)
    WHERE NOT has_any_column_privilege(needed.name, needed.privilege);
    IF lacking IS NOT NULL THEN
        RAISE 'The role % lacks %', current_user, lacking USING ERRCODE = 'insufficient_privilege';
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    IF lacking IS NOT NULL THEN
        RAISE;
    END IF;

    RAISE 'The role % cannot %: %', current_user, doing, SQLERRM USING ERRCODE = 'insufficient_privilege';
END
$$;
