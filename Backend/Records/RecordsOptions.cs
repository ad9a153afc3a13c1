using System.ComponentModel.DataAnnotations;

namespace GameStack.Backend.Records;

/// <summary>Settings for the match records, from section <c>Records</c>.</summary>
public sealed class RecordsOptions
{
    public const string Section = "Records";

    /// <summary>How long Postgres keeps a match after its end, in days; 0 keeps all.</summary>
    [Range(0, 36_500)]
    public int KeepDays { get; set; }
}
