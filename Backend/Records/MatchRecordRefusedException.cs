namespace GameStack.Backend.Records;

/// <summary>The database is there and does not take a record, now or later; nothing of its batch was written.</summary>
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
