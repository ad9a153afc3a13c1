namespace GameStack.Bench.Matches;

/// <summary>The queue in Redis and the database in Postgres that one backend uses.</summary>
internal sealed record StoresOfRun(string Redis, string Database, string Queue);
