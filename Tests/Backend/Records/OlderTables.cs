namespace GameStack.Tests.Backend.Records;

/// <summary>Forms of the table <c>matches</c> that a backend may find.</summary>
public static class OlderTables
{
    /// <summary>An ended match of <c>old player</c> and <c>other</c> in every table.</summary>
    public const string OldMatch = "11111111-2222-3333-4444-555555555555";

    public static TheoryData<string> All => new(
        // As the version before left a table of text.
        $$"""
        CREATE TABLE matches (session_id text PRIMARY KEY, players_json text DEFAULT '[]', backend_pod text, game_server_pod text,
            created_at timestamptz, ended_at timestamptz);
        CREATE INDEX matches_active ON matches (created_at DESC NULLS LAST) WHERE ended_at IS NULL;
        CREATE TABLE match_players (player_id text COLLATE "C" NOT NULL, session_id uuid NOT NULL, created_at timestamptz NOT NULL,
            PRIMARY KEY (player_id, session_id));
        CREATE INDEX match_players_newest ON match_players (player_id, created_at DESC, session_id DESC);
        INSERT INTO matches VALUES ('{{OldMatch}}', '["old player", "other"]', 'b', 'g', '2020-01-01 12:00Z', '2020-01-01 12:30Z');
        INSERT INTO match_players VALUES ('old player', '{{OldMatch}}', '2020-01-01 12:00Z'),
            ('other', '{{OldMatch}}', '2020-01-01 12:00Z');
        """,
        // As the version before said nothing of what ended a match.
        $$"""
        CREATE TABLE matches (session_id uuid PRIMARY KEY, players_json jsonb NOT NULL, backend_pod text NOT NULL,
            game_server_pod text NOT NULL, created_at timestamptz NOT NULL, ended_at timestamptz);
        CREATE INDEX matches_active ON matches (created_at DESC NULLS LAST) WHERE ended_at IS NULL;
        CREATE TABLE match_players (player_id text COLLATE "C" NOT NULL, session_id uuid NOT NULL, created_at timestamptz NOT NULL,
            PRIMARY KEY (player_id, session_id));
        CREATE INDEX match_players_newest ON match_players (player_id, created_at DESC, session_id DESC);
        INSERT INTO matches VALUES ('{{OldMatch}}', '["old player", "other"]', 'b', 'g', '2020-01-01 12:00Z', '2020-01-01 12:30Z');
        INSERT INTO match_players VALUES ('old player', '{{OldMatch}}', '2020-01-01 12:00Z'),
            ('other', '{{OldMatch}}', '2020-01-01 12:00Z');
        """,
        // Text everywhere, times without a zone.
        $$"""
        CREATE TABLE matches (session_id varchar(64) PRIMARY KEY, players_json text NOT NULL, backend_pod varchar(255),
            game_server_pod varchar(255), created_at timestamp DEFAULT now(), ended_at timestamp);
        INSERT INTO matches VALUES ('{{OldMatch}}', '["old player", "other"]', 'b', 'g', '2020-01-01 12:00', '2020-01-01 12:30');
        INSERT INTO matches VALUES ('not a uuid', '["somebody"]'), ('22222222-2222-3333-4444-555555555555', 'not json'),
            ('33333333-2222-3333-4444-555555555555', '{"a": 1}');
        """,
        // The least there can be.
        $$"""
        CREATE TABLE matches (session_id uuid PRIMARY KEY, players_json jsonb);
        INSERT INTO matches VALUES ('{{OldMatch}}', '["old player", "other"]'), ('22222222-2222-3333-4444-555555555555', NULL);
        """,
        // Narrow columns, and columns of somebody else's that refuse what they do not know.
        $$"""
        CREATE TABLE matches (session_id char(36) PRIMARY KEY, players_json varchar(40) NOT NULL, created_at timestamptz NOT NULL,
            region text NOT NULL, number bigserial, ended_at timestamptz);
        INSERT INTO matches (session_id, players_json, created_at, region, ended_at)
        VALUES ('{{OldMatch}}', '["old player", "other"]', '2020-01-01 12:00Z', 'eu', '2020-01-01 12:30Z');
        """,
        // Another primary key, and json.
        $$"""
        CREATE TABLE matches (id serial PRIMARY KEY, session_id text NOT NULL, players_json json, backend_pod text,
            created_at timestamptz, ended_at timestamptz NOT NULL);
        INSERT INTO matches (session_id, players_json, created_at, ended_at)
        VALUES ('{{OldMatch}}', '["old player", "other"]', now(), now());
        """);
}
