namespace GameStack.Backend.Access;

internal enum CallerKind
{
    /// <summary>The call has no credential that an operator could have.</summary>
    Stranger,

    /// <summary>The call has a wrong key or token.</summary>
    Refused,

    /// <summary>The call's token is valid, but does not have the operators' scope.</summary>
    TokenHolder,

    Operator,
}
