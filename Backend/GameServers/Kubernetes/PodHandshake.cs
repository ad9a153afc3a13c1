using GameStack.Backend.Tickets;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// The handshake with a pod, which has an address before it answers there, and a Service before nodes know of it. While a cluster's
/// network is still setting up its routes, it refuses or cuts connections, or something that never answers accepts them (kube-proxy
/// holds a NodePort with its own listener before the port leads anywhere). So the first tries are short, and more follow.
/// </summary>
internal sealed class PodHandshake(
    IOptions<GameServersOptions> servers, IOptions<KubernetesFleetOptions> options, TicketSigner tickets, TimeProvider time)
    : GameServerHandshake(servers, tickets, time)
{
    private static readonly TimeSpan FirstTryTimeout = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LongestTryTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TryAgainDelay = TimeSpan.FromMilliseconds(25);

    protected override TimeSpan AnswerTimeout => options.Value.RouteTimeout;

    protected override async Task<string?> TryAsync(
        Func<CancellationToken, Task<string?>> step, Action<Exception> onFailure, CancellationToken cancellationToken)
    {
        for (var patience = FirstTryTimeout; ; patience = patience < LongestTryTimeout ? patience * 2 : patience)
        {
            using var limit = new TimeLimit(patience, Time, cancellationToken);
            try
            {
                return await step(limit.Token);
            }
            catch (Exception e) when (LineConnection.MeansSilence(e, limit))
            {
                onFailure(e);
                await Task.Delay(TryAgainDelay, Time, cancellationToken);
            }
        }
    }
}
