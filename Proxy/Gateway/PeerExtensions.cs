using System.Buffers;
using System.Text;
using GameStack.Contracts.Lines;

namespace GameStack.Proxy.Gateway;

internal static class PeerExtensions
{
    /// <summary>How long a refused player may take to close its connection.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    /// <summary>Tells a player why it is refused. The caller then closes the connection.</summary>
    public static async Task RefuseAsync(this IPeer player, string reason)
    {
        try
        {
            using var limit = new CancellationTokenSource(Farewell);
            await using var abort = limit.Token.UnsafeRegister(static peer => ((IPeer)peer!).Abort(), player);
            await player.WriteAsync(Encoding.ASCII.GetBytes($"{GameProtocol.DeniedPrefix}{reason}\n"));
            await player.EndAsync();
            await player.DiscardAsync(limit.Token);
        }
        catch (Exception e) when (IPeer.MeansLoss(e))
        {
            // The player has left already.
        }
    }

    /// <summary>
    /// Reads until the peer has ended, and forgets what it reads. A connection that is closed with unread bytes is reset, which can destroy
    /// what was sent before.
    /// </summary>
    public static async Task DiscardAsync(this IPeer peer, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (await peer.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (Exception e) when (IPeer.MeansLoss(e))
        {
            // The same as its end.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>As <see cref="IPeer.EndAsync"/>, for a peer that may be lost.</summary>
    public static async Task TryEndAsync(this IPeer peer)
    {
        try
        {
            await peer.EndAsync();
        }
        catch (Exception e) when (IPeer.MeansLoss(e))
        {
            // There is no one left to tell.
        }
    }
}
