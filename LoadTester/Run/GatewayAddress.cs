namespace GameStack.LoadTester.Run;

/// <summary>Where the gateway listens.</summary>
/// <param name="Host">A name or an IP address, without brackets.</param>
/// <param name="Port">The port.</param>
/// <param name="HasTls">Whether it speaks TLS, with a certificate for the host.</param>
internal sealed record GatewayAddress(string Host, int Port, bool HasTls = false);
