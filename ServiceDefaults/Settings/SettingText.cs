using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>Converts the text of a setting to the type of its property, and describes what is expected.</summary>
internal static class SettingText
{
    /// <summary>Null if the text is no such value.</summary>
    /// <remarks>
    /// Stricter than .NET's own conversions: for a <see cref="TimeSpan"/>, <c>10</c> would be ten days, and any number would be an enum.
    /// </remarks>
    public static object? TryConvert(string text, Type type) => type switch
    {
        _ when type == typeof(string) => text,
        _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : null,
        _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number : null,
        _ when type == typeof(bool) => bool.TryParse(text, out var flag) ? flag : null,
        _ when type == typeof(TimeSpan) => text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null,
        _ when type == typeof(Uri) => HttpUrl.TryParse(text),
        { IsEnum: true } => text.All(char.IsAsciiLetterOrDigit) && !char.IsAsciiDigit(text[0])
            && Enum.TryParse(type, text, ignoreCase: true, out var value) ? value : null,
        _ => throw new NotSupportedException($"A setting cannot be of type {type}."),
    };

    public static bool Fits(object value, ValidationAttribute rule) => rule is RangeAttribute range && value is int or double
        // The attribute itself rounds a fraction before it compares.
        ? Number(value) >= Number(range.Minimum) && Number(value) <= Number(range.Maximum)
        : rule.IsValid(value);

    /// <summary>Continues the sentence "expected …".</summary>
    public static string Expected(Type type, IReadOnlyList<ValidationAttribute> rules)
    {
        if (rules.OfType<RangeAttribute>().FirstOrDefault() is { } range)
        {
            var kind = type == typeof(TimeSpan) ? "a time" : Kind(type);
            return range.Maximum is int.MaxValue
                ? $"{kind}, {range.Minimum} or more"
                : string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}");
        }

        return rules.OfType<AllowedValuesAttribute>().FirstOrDefault() is { } allowed
            ? OneOf(allowed.Values)
            : rules.Select(rule => rule.ErrorMessage).FirstOrDefault(message => message is not null) ?? Kind(type);
    }

    private static string Kind(Type type) => type switch
    {
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time such as 00:00:10",
        _ when type == typeof(Uri) => "an http:// or https:// URL",
        { IsEnum: true } => OneOf(Enum.GetNames(type)),
        _ => "another text",
    };

    // Process or Kubernetes; PodIp, NodePort or HostPort
    private static string OneOf(IReadOnlyList<object?> values) => $"{string.Join(", ", values.SkipLast(1))} or {values[^1]}";

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
