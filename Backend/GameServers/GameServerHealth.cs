namespace GameStack.Backend.GameServers;

/// <summary>What a server says of its match.</summary>
/// <param name="State">One of the states of <see cref="Contracts.Game.GameProtocol"/>.</param>
/// <param name="RunningLength">The match's length; zero before it was requested.</param>
internal readonly record struct GameServerHealth(string State, TimeSpan RunningLength);
