namespace GameStack.Contracts.Settings;

/// <summary>A setting is wrong. The message is the one line that the program prints on standard error before it ends.</summary>
public sealed class SettingException(string message) : Exception(message)
{
    /// <summary>The exit code of a program with a wrong setting: EX_CONFIG of <c>sysexits.h</c>.</summary>
    public const int ExitCode = 78;

    private const int LongestValue = 200;

    /// <summary>A value with this may be a private key.</summary>
    private const string Pem = "-----BEGIN";

    /// <param name="setting">The setting as an environment variable or a configuration key.</param>
    /// <param name="value">The wrong value; null for a value that may contain a password, which is not repeated.</param>
    /// <param name="expected">Continues the sentence "expected …".</param>
    public static SettingException For(string setting, string? value, string expected) => new(Line(setting, value, expected));

    /// <summary>
    /// <c>GameServers__Standby is "many"; expected a whole number, 0 or more.</c> Control characters are left out, and so is what stands
    /// before an <c>@</c>, since it may be a password.
    /// </summary>
    /// <inheritdoc cref="For"/>
    public static string Line(string setting, string? value, string expected)
    {
        ArgumentNullException.ThrowIfNull(setting);
        var name = setting.Replace(":", "__", StringComparison.Ordinal);
        return value is null || value.Contains(Pem, StringComparison.Ordinal)
            ? $"{name} is not valid; expected {expected}."
            : $"{name} is \"{Shown(value)}\"; expected {expected}.";
    }

    private static string Shown(string value)
    {
        var at = value.LastIndexOf('@');
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var shown = at < 0 ? value : $"{(scheme >= 0 && scheme < at ? value[..(scheme + 3)] : "")}…{value[at..]}";
        shown = string.Concat(shown.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return shown.Length > LongestValue ? $"{shown[..LongestValue]}…" : shown;
    }
}
