using System.ComponentModel.DataAnnotations;

namespace GameStack.Backend.Access;

/// <summary>The settings of the section <c>Players</c>: how players prove who they are.</summary>
internal sealed class PlayersOptions
{
    public const string Section = "Players";

    /// <summary>
    /// By default <see cref="PlayerAuthentication.None"/> in Development, and <see cref="PlayerAuthentication.Jwt"/> elsewhere.
    /// </summary>
    public PlayerAuthentication? Authentication { get; set; }

    /// <summary>The issuer's address, below which its keys are found (OpenID Connect discovery).</summary>
    public Uri? Authority { get; set; }

    /// <summary>
    /// The files with the public keys of tokens (PEM, or a JSON Web Key Set), separated by commas; instead of an authority, or besides it.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <summary>What the claim <c>iss</c> may say, besides the issuer that the authority names.</summary>
    public string? Issuer { get; set; }

    /// <summary>What the claim <c>aud</c> may contain, besides the audiences of the scheme's own settings.</summary>
    public string? Audience { get; set; }

    /// <summary>How far the clocks of the issuer and of the backends may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim with the player's id.</summary>
    public string PlayerIdClaim { get; set; } = "sub";

    internal IReadOnlyList<string> KeyFiles =>
        KeyFile?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
