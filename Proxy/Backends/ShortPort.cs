namespace GameStack.Proxy.Backends;

/// <summary>A backend's port for short calls. Thread-safe.</summary>
/// <param name="url">Its URL.</param>
internal sealed class ShortPort(string url)
{
    private volatile ShortPortState _state;
    private int _isChecked;

    public string Url { get; } = url;

    public ShortPortState State => _state;

    /// <summary>Returns the state from before.</summary>
    public ShortPortState Change(ShortPortState state) => Interlocked.Exchange(ref _state, state);

    /// <summary>Returns false while another check is running.</summary>
    public bool TryBeginCheck() => Interlocked.Exchange(ref _isChecked, 1) == 0;

    public void EndCheck() => Volatile.Write(ref _isChecked, 0);
}
