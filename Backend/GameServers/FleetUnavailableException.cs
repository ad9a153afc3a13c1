namespace GameStack.Backend.GameServers;

/// <summary>The fleet could not say which servers there are.</summary>
public sealed class FleetUnavailableException : Exception
{
    public FleetUnavailableException()
    {
    }

    public FleetUnavailableException(string message)
        : base(message)
    {
    }

    public FleetUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
