namespace GameStack.Backend.GameServers.Processes;

/// <summary>The game server processes that run or are starting, and how many there may be. Guarded by the pool's lock.</summary>
/// <param name="most">The most servers.</param>
internal sealed class ServerCount(int most)
{
    private readonly HashSet<GameServerProcess> _alive = [];

    /// <summary>The servers that run.</summary>
    public IReadOnlyCollection<GameServerProcess> Alive => _alive;

    /// <summary>How many are starting.</summary>
    public int Starting { get; private set; }

    public bool IsEmpty => _alive.Count + Starting == 0;

    /// <summary>Says that there is no room for another server; null while there is.</summary>
    public string? WhyFull => _alive.Count + Starting >= most
        ? $"{most} game servers are running or starting, as many as {Limit} allows."
        : null;

    private string Limit => most == ProcessFleetOptions.MostServers ? "the limit of open files (ulimit -n)" : "GameServers__MaxServers";

    public void BeginStart() => Starting++;

    /// <param name="server">The server that runs now; null when the start failed.</param>
    public void EndStart(GameServerProcess? server)
    {
        Starting--;
        if (server is not null)
        {
            _alive.Add(server);
        }
    }

    public void Remove(GameServerProcess server) => _alive.Remove(server);
}
