namespace GameStack.Backend.Records;

/// <summary>The match records cannot be reached or are not ready yet; the same call may succeed later.</summary>
public sealed class MatchRecordsUnavailableException : Exception
{
    public MatchRecordsUnavailableException()
    {
    }

    public MatchRecordsUnavailableException(string message)
        : base(message)
    {
    }

    public MatchRecordsUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
