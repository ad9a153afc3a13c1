namespace GameStack.Backend.Records;

/// <summary>A record on its way to Postgres.</summary>
/// <param name="Id">What <see cref="IMatchOutbox.TrimAsync"/> takes.</param>
/// <param name="Record">The match as it stood when the entry was written; the same match comes again when it ends.</param>
public sealed record OutboxEntry(string Id, MatchRecord Record);
