using GameStack.Tests.Proxy.Gateway;
using GameStack.Tests.Support;

namespace GameStack.Tests.LoadTester.Stack;

/// <summary>The load tester as a process, through the real gateway: .NET reads the trusted authorities only once.</summary>
public sealed class PlayerTlsTests : IDisposable
{
    private readonly SelfSignedCertificate _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task Players_play_through_a_gateway_with_TLS() =>
        Assert.EndsWith(
            "matched 2, played 2, failed 0", await RunAsync(hasTls: true, "tls://localhost", isTrusted: true), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "tls://localhost", false, "certificate not trusted")]
    [InlineData(true, "tls://127.0.0.1", true, "certificate for another host")]
    [InlineData(false, "tls://localhost", true, "TLS failed")]
    public async Task Why_there_is_no_TLS_is_said_at_once(bool hasTls, string gateway, bool isTrusted, string reason)
    {
        var output = await RunAsync(hasTls, gateway, isTrusted);

        Assert.Contains($"2  connect: {reason}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Retried calls", output, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(bool hasTls, string gatewayHost, bool isTrusted)
    {
        await using var gateway = await RunningGateway.StartAsync(hasTls
            ? [$"Gateway:CertificateFile={_certificate.CertificateFile}", $"Gateway:CertificateKeyFile={_certificate.KeyFile}"]
            : []);
        await using var stack = await ContractStack.StartAsync(new ContractStackOptions
        {
            TicketFor = address => gateway.Tickets.Make("p1", Guid.NewGuid(), address: address),
        });

        await using var loadTester = RunningProgram.Start("LoadTester", new Dictionary<string, string?>
        {
            ["TARGET_URL"] = stack.Url,
            ["CLIENTS"] = "2",
            ["GATEWAY_ADDRESS"] = $"{gatewayHost}:{gateway.Proxy.GatewayPort}",
            ["SSL_CERT_FILE"] = isTrusted ? _certificate.CertificateFile : null,
        });
        await loadTester.WaitForExitAsync("playing", Waits.Patient);

        Assert.Empty(loadTester.Errors);
        return string.Join('\n', loadTester.Output).TrimEnd();
    }
}
