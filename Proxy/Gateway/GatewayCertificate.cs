using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>The gateway's certificate. A renewed file counts within a minute, so that no proxy has to restart for it.</summary>
/// <exception cref="CryptographicException">The files have no certificate with its private key.</exception>
/// <exception cref="IOException">A file cannot be read.</exception>
internal sealed class GatewayCertificate(IOptions<GatewayOptions> options, TimeProvider time, ILogger<GatewayCertificate> logger)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly ReplaceableFiles<SslServerAuthenticationOptions> _options = new(
        [options.Value.CertificateFile!, options.Value.CertificateKeyFile ?? options.Value.CertificateFile!], Load, time, logger);

    /// <summary>What a handshake needs.</summary>
    public SslServerAuthenticationOptions Current => _options.Get(MaxAge);

    private static SslServerAuthenticationOptions Load(IReadOnlyList<string> texts)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(texts[0]);
        var certificate = X509Certificate2.CreateFromPem(texts[0], texts[1]);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
        };
    }
}
