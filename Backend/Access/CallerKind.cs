namespace GameStack.Backend.Access;

internal enum CallerKind
{
    /// <summary>The call has no credential that an operator could have.</summary>
    Stranger,

    /// <summary>The call has a wrong key or token.</summary>
    Refused,

    /// <summary>The call's token is right, but has not the scope of operators.</summary>
    TokenHolder,

    Operator,
}
