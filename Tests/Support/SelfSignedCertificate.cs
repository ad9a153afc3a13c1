using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GameStack.Tests.Support;

/// <summary>A certificate for <c>localhost</c> that is its own authority, also as files.</summary>
internal sealed class SelfSignedCertificate : IDisposable
{
    private readonly TestFolder _folder = new();

    public SelfSignedCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Certificate = certificate.ExportCertificatePem();
        Key = key.ExportPkcs8PrivateKeyPem();
        File.WriteAllText(CertificateFile, Certificate);
        File.WriteAllText(KeyFile, Key);
    }

    public string Certificate { get; }

    public string Key { get; }

    public string CertificateFile => Path.Combine(_folder.Path, "certificate.pem");

    public string KeyFile => Path.Combine(_folder.Path, "key.pem");

    public void Dispose() => _folder.Dispose();
}
