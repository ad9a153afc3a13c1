namespace GameStack.Contracts.Lines;

/// <summary>
/// Control tokens of servers that many backends share. Each token is a signature for one server: only backends with the private key can
/// make it, and the server checks it with the public key. ECDSA on P-256 with SHA-256, the signature in base64.
/// </summary>
public static class ControlSignatures
{
    /// <summary>The two numbers of the signature, 32 bytes each (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    /// <summary>The text to sign, as UTF-8.</summary>
    /// <param name="subject">The server's unique name, never used again: a pod's uid.</param>
    public static string MessageFor(string subject) => "gamestack control " + subject;
}
