using System.Runtime.InteropServices;

namespace GameStack.Backend.GameServers;

/// <summary>What became of a <see cref="GameServerHandshake"/>.</summary>
/// <param name="Server">The server, which has the match and is open to its players; otherwise one sentence that says why not.</param>
/// <param name="IsUnreachable">Whether the server has accepted the match, but did not answer at the address of its players.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HandshakeOutcome(Result<RunningGameServer> Server, bool IsUnreachable = false);
