namespace GameStack.GameServer.Lines;

/// <summary>What the parts of a connection report to it. The calls come from other threads, without the connection's gate.</summary>
internal interface IConnectionEvents
{
    /// <summary>A piece that waited for the peer was sent, or failed: see <see cref="LineSender.FinishPiece"/>.</summary>
    void OnPieceSent();

    /// <summary>A time limit may have passed: see <see cref="ConnectionState.CheckLimit"/>.</summary>
    void OnLimitTick();
}
