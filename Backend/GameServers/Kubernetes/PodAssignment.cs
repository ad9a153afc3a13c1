using System.Runtime.InteropServices;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>What became of a match that was to be assigned to a pod.</summary>
/// <param name="Server">The server as its players see it, or why it is none.</param>
/// <param name="Session">What the server then said that it has; null if it was not asked.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PodAssignment(Result<RunningGameServer> Server, ControlSession? Session = null);
