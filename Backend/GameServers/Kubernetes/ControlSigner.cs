using System.Security.Cryptography;
using System.Text;
using GameStack.Contracts.Lines;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Signs each pod's control token with a private key that only backends have; pods have the public key.</summary>
internal sealed class ControlSigner : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create();
    private readonly Lock _lock = new();

    /// <param name="pem">A P-256 private key, PKCS#8 or SEC 1.</param>
    /// <exception cref="ArgumentException"><paramref name="pem"/> is not such a key.</exception>
    public ControlSigner(string pem)
    {
        try
        {
            _key.ImportFromPem(pem);
            if (_key.KeySize == 256 && _key.ExportParameters(includePrivateParameters: true).D is not null)
            {
                return;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ArgumentException("The control key is not the PEM of a P-256 private key.", nameof(pem), e);
        }

        throw new ArgumentException("The control key is not on the curve P-256.", nameof(pem));
    }

    /// <summary>How long a server may take to say which session it has. Much longer than one that runs needs.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The pod's control port, with the token that it accepts.</summary>
    public ControlPortClient ClientFor(GameServerPod pod) => new(pod.Ip, pod.ControlPort, TokenFor(pod));

    /// <summary>Which session the pod's server has.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<ControlSession> AskAsync(GameServerPod pod, TimeProvider time, CancellationToken cancellationToken) =>
        pod.Ip.Length == 0 ? default : await ClientFor(pod).ReadSessionAsync(Patience, time, cancellationToken);

    public string TokenFor(GameServerPod pod)
    {
        lock (_lock)
        {
            var message = Encoding.UTF8.GetBytes(ControlSignatures.MessageFor(pod.Uid));
            return Convert.ToBase64String(_key.SignData(message, HashAlgorithmName.SHA256));
        }
    }

    public void Dispose() => _key.Dispose();
}
