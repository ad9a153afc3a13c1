namespace GameStack.Contracts.Lines;

/// <summary>
/// Control tokens of servers that many backends share: signatures, one for each server, which only those with the private key can make and
/// which a server checks with the public one. ECDSA on P-256 with SHA-256, the signature in base64.
/// </summary>
public static class ControlSignatures
{
    /// <summary>The two numbers of the signature, 32 bytes each (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    /// <summary>What is signed, as UTF-8.</summary>
    /// <param name="subject">The server's own name for itself, never used again: a pod's uid.</param>
    public static string MessageFor(string subject) => "gamestack control " + subject;
}
