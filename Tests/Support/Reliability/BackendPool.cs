namespace GameStack.Tests.Support.Reliability;

/// <summary>The backends that players may call at the moment; one of them can be gone before it is taken out.</summary>
public sealed class BackendPool
{
    private readonly Lock _lock = new();
    private readonly List<CrashBackend> _live = [];
    private readonly HashSet<string> _killed = [];

    public IReadOnlyList<CrashBackend> Live
    {
        get
        {
            lock (_lock)
            {
                return [.. _live];
            }
        }
    }

    /// <summary>The names of those that were killed.</summary>
    public IReadOnlySet<string> Killed
    {
        get
        {
            lock (_lock)
            {
                return _killed.ToHashSet();
            }
        }
    }

    public void Add(CrashBackend backend)
    {
        lock (_lock)
        {
            _live.Add(backend);
        }
    }

    /// <summary>The backend is to be killed, or was.</summary>
    public void Lose(CrashBackend backend)
    {
        lock (_lock)
        {
            _live.Remove(backend);
            _killed.Add(backend.Name);
        }
    }

    /// <summary>Any of them; another one than before as often as not.</summary>
    /// <exception cref="HttpRequestException">There is none.</exception>
    public CrashBackend Any()
    {
        lock (_lock)
        {
            return _live.Count == 0 ? throw new HttpRequestException("No backend lives.") : _live[Random.Shared.Next(_live.Count)];
        }
    }
}
