using System.Diagnostics.CodeAnalysis;

namespace GameStack.Contracts;

/// <summary>What a player id may be: 1 to 128 characters, no control characters, no half of a surrogate pair.</summary>
public static class PlayerId
{
    /// <summary>The longest player id, in UTF-16 code units.</summary>
    public const int MaxLength = 128;

    public static bool IsValid([NotNullWhen(true)] string? playerId)
    {
        if (string.IsNullOrEmpty(playerId) || playerId.Length > MaxLength)
        {
            return false;
        }

        for (var i = 0; i < playerId.Length; i++)
        {
            if (char.IsControl(playerId[i]))
            {
                return false;
            }

            if (char.IsSurrogate(playerId[i]))
            {
                if (i + 1 == playerId.Length || !char.IsSurrogatePair(playerId[i], playerId[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
