namespace GameStack.Contracts.Tickets;

/// <summary>The names and fixed values in a ticket's header and payload (RFC 7515, RFC 7519).</summary>
public static class TicketClaims
{
    public const string Algorithm = "alg";
    public const string KeyId = "kid";
    public const string Type = "typ";

    public const string Issuer = "iss";
    public const string Audience = "aud";
    public const string Player = "sub";
    public const string MatchId = "sid";
    public const string Server = "srv";
    public const string Address = "adr";
    public const string Seat = "seat";
    public const string IssuedAt = "iat";
    public const string ExpiresAt = "exp";
    public const string Id = "jti";

    /// <summary>ECDSA on P-256 with SHA-256: the only algorithm that tickets use.</summary>
    public const string Es256 = "ES256";

    public const string Jwt = "JWT";
    public const string GameStack = "gamestack";
    public const string Match = "gamestack:match";

    /// <summary>How long a ticket is valid after it was handed out.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>How far the clocks of those who issue and read tickets may differ, unless a setting says otherwise.</summary>
    public static readonly TimeSpan DefaultClockSkew = TimeSpan.FromMinutes(5);
}
