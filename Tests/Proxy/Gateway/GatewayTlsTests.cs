using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy.Gateway;

public sealed class GatewayTlsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_a_certificate_the_port_speaks_TLS()
    {
        await using var gateway = await StartAsync();
        await using var player = await gateway.ConnectAsync();
        await using var stream = await AuthenticateAsync(player);
        using var reader = new StreamReader(stream);
        var line = $"JOIN {gateway.Ticket()}";

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\nGET_"), Cancelled);
        await using var server = await gateway.Server.AcceptedAsync();
        await stream.WriteAsync("STATE\n"u8.ToArray(), Cancelled);
        await server.SendLineAsync("STATE open");

        Assert.Equal([line, "GET_STATE"], await server.ReadLinesAsync(2));
        Assert.Equal("STATE open", await reader.ReadLineAsync(Cancelled));
        await server.DisposeAsync();
        Assert.Null(await reader.ReadLineAsync(Cancelled));
    }

    [Fact]
    public async Task A_refusal_is_told_over_TLS_too()
    {
        await using var gateway = await StartAsync();
        await using var player = await gateway.ConnectAsync();
        await using var stream = await AuthenticateAsync(player);
        using var reader = new StreamReader(stream);

        await stream.WriteAsync("JOIN nonsense\n"u8.ToArray(), Cancelled);

        Assert.Equal("DENIED malformed", await reader.ReadLineAsync(Cancelled));
        Assert.Null(await reader.ReadLineAsync(Cancelled));
    }

    [Fact]
    public async Task A_connection_that_never_begins_its_handshake_makes_room_for_a_newcomer()
    {
        await using var gateway = await StartAsync("Gateway:MaxConnectionsPerAddress=1", "RateLimit:LimitLoopback=true");
        await using var first = await gateway.ConnectAsync();
        await using var second = await gateway.ConnectAsync();
        var ends = new[] { first.ReadToEndAsync(), second.ReadToEndAsync() };
        Assert.Empty(await await Task.WhenAny(ends)); // So the other one has been accepted.
        await using var player = await gateway.ConnectAsync();
        await using var stream = await AuthenticateAsync(player);
        var line = $"JOIN {gateway.Ticket()}";

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\n"), Cancelled);
        await using var server = await gateway.Server.AcceptedAsync();

        Assert.Equal(line, await server.ReadLineAsync());
        Assert.All(await Task.WhenAll(ends), Assert.Empty);
    }

    private async Task<RunningGateway> StartAsync(params string[] settings)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=play.example.com", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var (certificateFile, keyFile) = (Path.Combine(_folder.Path, "tls.crt"), Path.Combine(_folder.Path, "tls.key"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), Cancelled);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Cancelled);
        return await RunningGateway.StartAsync(
            [$"Gateway:CertificateFile={certificateFile}", $"Gateway:CertificateKeyFile={keyFile}", .. settings]);
    }

    private static async Task<SslStream> AuthenticateAsync(LineClient player)
    {
        var stream = new SslStream(player.Stream, leaveInnerStreamOpen: true);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "play.example.com",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=play.example.com",
            },
            Cancelled);
        return stream;
    }
}
