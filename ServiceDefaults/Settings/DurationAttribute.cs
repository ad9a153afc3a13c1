using System.ComponentModel.DataAnnotations;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>Requires a time of more than zero, or of zero or more, that a timer accepts.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ValidationAttribute
{
    /// <summary>Timers accept a little less than 25 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <param name="orZero">Whether zero is accepted, too.</param>
    public DurationAttribute(bool orZero = false)
    {
        OrZero = orZero;
        ErrorMessage = $"a time of {(orZero ? "0 or more" : "more than 0")}, such as 00:00:10; at most 24 days";
    }

    public bool OrZero { get; }

    public override bool IsValid(object? value) =>
        value is TimeSpan time && time <= Longest && (OrZero ? time >= TimeSpan.Zero : time > TimeSpan.Zero);
}
