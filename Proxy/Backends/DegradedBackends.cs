using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// The backends for which Redis is not usable, according to the latest probes. Such a backend matches players in its own memory, so no
/// other backend knows these players.
/// </summary>
internal sealed class DegradedBackends
{
    private volatile HashSet<DestinationState> _backends = [];

    public bool Any => _backends.Count > 0;

    public bool Contains(DestinationState backend) => _backends.Contains(backend);

    /// <returns>Whether that changed anything.</returns>
    public bool Replace(IEnumerable<DestinationState> backends)
    {
        HashSet<DestinationState> replacement = [.. backends];
        if (replacement.SetEquals(_backends))
            return false;

        _backends = replacement;
        return true;
    }
}
