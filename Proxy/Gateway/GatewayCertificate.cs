using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.Gateway;

/// <summary>The gateway's certificate. A renewed file counts within a minute, so that no proxy has to restart for it.</summary>
internal sealed partial class GatewayCertificate
{
    private static readonly TimeSpan ReloadInterval = TimeSpan.FromMinutes(1);

    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<GatewayCertificate> _logger;
    private readonly Lock _lock = new();
    private SslServerAuthenticationOptions _current;
    private string _text;
    private long _loadedAt;

    /// <exception cref="CryptographicException">The files have no certificate with its private key.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public GatewayCertificate(IOptions<GatewayOptions> options, TimeProvider time, ILogger<GatewayCertificate> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        (_text, _loadedAt) = (Read(), time.GetTimestamp());
        _current = Load();
    }

    /// <summary>What a handshake needs.</summary>
    public SslServerAuthenticationOptions Current
    {
        get
        {
            lock (_lock)
            {
                if (_time.GetElapsedTime(_loadedAt) >= ReloadInterval)
                    Reload();

                return _current;
            }
        }
    }

    private void Reload()
    {
        _loadedAt = _time.GetTimestamp();
        try
        {
            var text = Read();
            if (text != _text)
                (_current, _text) = (Load(), text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Log.Unusable(_logger, _options.CertificateFile!, e.Message);
        }
    }

    private string Read() =>
        File.ReadAllText(_options.CertificateFile!) + (_options.CertificateKeyFile is { } key ? File.ReadAllText(key) : "");

    private SslServerAuthenticationOptions Load()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_options.CertificateFile!);
        var certificate = X509Certificate2.CreateFromPemFile(_options.CertificateFile!, _options.CertificateKeyFile);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true),
        };
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.CertificateUnusable, LogLevel.Warning,
            "Cannot use the gateway's certificate in {File}; the last one stays: {Reason}")]
        public static partial void Unusable(ILogger logger, string file, string reason);
    }
}
