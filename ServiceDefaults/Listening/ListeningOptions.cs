using System.ComponentModel.DataAnnotations;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>The settings of the section <c>Limits</c> that every program that listens has.</summary>
public sealed class ListeningOptions
{
    public const string Section = "Limits";

    /// <summary>
    /// The most connections that clients may have open; 0 for as many as the limit of open files and the memory allow, which limit any
    /// larger number, too.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxConnections { get; set; }
}
