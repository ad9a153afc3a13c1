namespace GameStack.Backend.Life;

/// <summary>Hears of every step of every match's life on this backend, on the thread that took the step: it must not block.</summary>
internal interface IMatchListener
{
    void Hear(MatchStep step);
}
