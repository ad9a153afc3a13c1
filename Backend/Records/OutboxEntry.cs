namespace GameStack.Backend.Records;

/// <summary>A record on its way to Postgres.</summary>
/// <param name="Id">The id that <see cref="IMatchOutbox.TrimAsync"/> takes.</param>
/// <param name="Record">
/// The match as it was when the entry was written; another entry follows when the match ends. Null if the entry cannot be read.
/// </param>
public sealed record OutboxEntry(string Id, MatchRecord? Record)
{
    /// <summary>The whole entry as one line of ASCII if it cannot be read: another version of the backend may have written it.</summary>
    public string? Unreadable { get; init; }
}
