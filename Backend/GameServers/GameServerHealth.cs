namespace GameStack.Backend.GameServers;

/// <summary>What a server reports about its match.</summary>
/// <param name="State">One of the states of <see cref="Contracts.Lines.GameProtocol"/>; empty when the server does not report it.</param>
/// <param name="RunningLength">The match's length; zero until the match is requested.</param>
internal readonly record struct GameServerHealth(string State, TimeSpan RunningLength)
{
    /// <summary>
    /// The server is alive but reports nothing else. How long its match may run is then unclear, so only
    /// <see cref="GameServersOptions.LongestLife"/> limits it.
    /// </summary>
    public static GameServerHealth Unknown => new("", TimeSpan.Zero);
}
