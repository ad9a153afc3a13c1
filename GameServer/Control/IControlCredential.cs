namespace GameStack.GameServer.Control;

/// <summary>What opens the control port.</summary>
internal interface IControlCredential
{
    bool Accepts(ReadOnlySpan<byte> token);
}
