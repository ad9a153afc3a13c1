namespace GameStack.Proxy.Gateway;

/// <summary>A connection's place, which it gets once its ticket has been accepted: see <see cref="GatewayPlaces"/>.</summary>
internal sealed class GatewayPlace(Func<bool> take, Action giveBack) : IDisposable
{
    private bool _isTaken;

    /// <summary>False when the gateway, or the address, has all the connections that it may have.</summary>
    public bool TryTake() => _isTaken = take();

    public void Dispose()
    {
        if (_isTaken)
            giveBack();
    }
}
