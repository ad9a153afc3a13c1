namespace GameStack.Backend.Access;

/// <summary>How the backend knows which player makes a call.</summary>
internal enum PlayerAuthentication
{
    /// <summary>The player is the one that the call names.</summary>
    None,

    /// <summary>A call carries a token (a JWT) that names its player.</summary>
    Jwt,
}
