namespace GameStack.Backend.Access;

/// <summary>Who may do what operators do.</summary>
internal enum OperatorAccess
{
    /// <summary>Every caller.</summary>
    Anyone,

    /// <summary>Only operators: callers with a key, or with a token that has their scope.</summary>
    Operators,
}
