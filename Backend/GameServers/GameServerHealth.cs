namespace GameStack.Backend.GameServers;

/// <summary>What a server says of its match.</summary>
/// <param name="State">One of the states of <see cref="Contracts.Lines.GameProtocol"/>; empty when it does not say.</param>
/// <param name="RunningLength">The match's length; zero before it was requested.</param>
internal readonly record struct GameServerHealth(string State, TimeSpan RunningLength)
{
    /// <summary>It lives, and says no more: how long its match may run is not known then, so only the longest match of all bounds it.</summary>
    public static GameServerHealth Untold => new("", TimeSpan.Zero);
}
