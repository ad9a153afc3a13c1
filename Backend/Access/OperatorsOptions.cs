namespace GameStack.Backend.Access;

/// <summary>The settings of the section <c>Operators</c>.</summary>
internal sealed class OperatorsOptions
{
    public const string Section = "Operators";

    public const int ShortestKey = 16;
    public const int LongestKey = 256;

    /// <summary>What an operator shows in the header <c>Operator-Key</c>.</summary>
    public string? Key { get; set; }

    /// <summary>A second key that counts, too, while one replaces the other.</summary>
    public string? SecondKey { get; set; }

    /// <summary>
    /// Default: <see cref="OperatorAccess.Anyone"/> in Development, if there is neither a key nor a check of tokens; otherwise
    /// <see cref="OperatorAccess.Operators"/>.
    /// </summary>
    public OperatorAccess? Access { get; set; }
}
