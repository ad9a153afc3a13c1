namespace GameStack.LoadTester.Players;

/// <summary>The result of a phase: a value, or a short reason why there is none.</summary>
internal readonly record struct PhaseResult<T>
    where T : class
{
    public T? Value { get; private init; }

    public string? Fault { get; private init; }

    public static PhaseResult<T> Of(T value) => new() { Value = value };

    public static PhaseResult<T> Failed(string fault) => new() { Fault = fault };
}
