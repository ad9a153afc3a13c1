namespace GameStack.Backend.Records;

/// <summary>Postgres is available but will not take a record, now or later; nothing of the record's batch was written.</summary>
internal sealed class MatchRecordRefusedException(string message, Exception innerException) : Exception(message, innerException);
