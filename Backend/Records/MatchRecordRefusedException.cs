namespace GameStack.Backend.Records;

/// <summary>Postgres is available but will not take a record, now or later; nothing of the record's batch was written.</summary>
public sealed class MatchRecordRefusedException : Exception
{
    public MatchRecordRefusedException()
    {
    }

    public MatchRecordRefusedException(string message)
        : base(message)
    {
    }

    public MatchRecordRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
