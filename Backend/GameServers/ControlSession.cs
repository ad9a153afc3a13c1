using System.Runtime.InteropServices;

namespace GameStack.Backend.GameServers;

/// <summary>What a server says about the one session that it may have.</summary>
/// <param name="Kind">What it has.</param>
/// <param name="MatchId">Its match, if it has one.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ControlSession(ControlSessionKind Kind, Guid? MatchId = null);
