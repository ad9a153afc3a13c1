using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Divides the pods on standby among the backends that claim some, so that backends do not choose the same ones at a burst: of those who
/// do, all but one are refused, and have to begin again. Any backend may still take any pod.
/// </summary>
internal sealed class StandbyShares
{
    /// <summary>For how many changes of pods a backend that claims none keeps its share.</summary>
    private const int LongestIdle = 1000;

    /// <summary>The last change that showed a pod of each backend.</summary>
    private readonly Dictionary<string, long> _claimers = new(StringComparer.Ordinal);

    /// <summary>Says that a backend has claimed a pod.</summary>
    public void Saw(string backend, long change) => _claimers[backend] = change;

    /// <summary>The pods that are this backend's to take first: those for which its weight is the highest (rendezvous hashing).</summary>
    public CatalogedPod[] Own(string backend, CatalogedPod[] pods, long change)
    {
        foreach (var idle in _claimers.Where(claimer => claimer.Value < change - LongestIdle).Select(claimer => claimer.Key).ToArray())
        {
            _claimers.Remove(idle);
        }

        var others = _claimers.Keys.Where(name => name != backend).ToArray();
        return others.Length == 0
            ? pods
            : [.. pods.Where(pod => Weight(backend, pod) is var own && others.All(other => Weight(other, pod) < own))];
    }

    private static ulong Weight(string backend, CatalogedPod pod) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{backend} {pod.Pod.Uid}")));
}
