using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>
/// How many large buffers the gateway holds at a time: as much memory as is counted for all its connections, so that players who send much
/// and read little cannot take all the memory of the proxy.
/// </summary>
internal sealed class LargeBuffers(IOptions<GatewayOptions> options)
{
    public const int Size = 256 * 1024;

    private long _left = Math.Max(2, (long)options.Value.MaxConnections * GatewayOptions.BytesPerConnection / Size);

    /// <summary>False when all are in use: then a small buffer has to do.</summary>
    public bool TryTake()
    {
        if (Interlocked.Decrement(ref _left) >= 0)
            return true;

        Return();
        return false;
    }

    public void Return() => Interlocked.Increment(ref _left);
}
