using System.ComponentModel.DataAnnotations;
using System.Reflection;
using GameStack.Contracts.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>
/// Reads options from the configuration and checks them at once. The setting of a property is <c>Section__Property</c> or its
/// <see cref="SettingNameAttribute"/>; its type and its validation attributes say what is expected. White space around a value is
/// removed (from a password, only at its end), and an empty value counts as not set.
/// </summary>
public static class SettingsReader
{
    /// <summary>Reads the options of a section, and adds them to the services.</summary>
    /// <param name="builder">The program that has the settings.</param>
    /// <param name="section">The section of the settings without a name of their own.</param>
    /// <param name="defaults">Sets defaults that depend on the program's environment.</param>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static TOptions AddSettings<TOptions>(
        this IHostApplicationBuilder builder, string section, Action<TOptions>? defaults = null)
        where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<TOptions>().Configure(Apply);

        var options = new TOptions();
        Apply(options);
        return options;

        void Apply(TOptions target)
        {
            defaults?.Invoke(target);
            builder.Configuration.ReadSettings(target, section);
        }
    }

    /// <summary>Sets the properties of <paramref name="options"/> whose settings are in the configuration.</summary>
    /// <param name="configuration">The program's settings.</param>
    /// <param name="options">The options with their defaults.</param>
    /// <param name="section">The section of the settings without a name of their own.</param>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static TOptions ReadSettings<TOptions>(this IConfiguration configuration, TOptions options, string section = "")
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.KnowSettings<TOptions>(section);
        foreach (var property in PropertiesOf<TOptions>())
        {
            var key = KeyOf(property, section);
            var isPassword = property.GetCustomAttribute<DataTypeAttribute>()?.DataType == DataType.Password;
            if ((isPassword ? configuration[key]?.TrimEnd() : configuration.FindSetting(key)) is { Length: > 0 } text)
                property.SetValue(options, Parse(property, key, text));
        }

        return options;
    }

    /// <summary>The text of a setting without white space around it; null if there is none.</summary>
    public static string? FindSetting(this IConfiguration configuration, string key)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration[key]?.Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>
    /// Takes note that these settings exist, even if the program does not read them now; <see cref="UnknownSettings"/> warns of others.
    /// </summary>
    /// <param name="configuration">The program's settings.</param>
    /// <param name="section">The section of the settings without a name of their own.</param>
    public static void KnowSettings<TOptions>(this IConfiguration configuration, string section) =>
        configuration.Know(PropertiesOf<TOptions>().Select(property => KeyOf(property, section)));

    private static IEnumerable<PropertyInfo> PropertiesOf<TOptions>() =>
        typeof(TOptions).GetProperties().Where(property => property.CanWrite);

    private static string KeyOf(PropertyInfo property, string section) =>
        property.GetCustomAttribute<SettingNameAttribute>()?.Name ?? $"{section}:{property.Name}";

    private static object Parse(PropertyInfo property, string key, string text)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        ValidationAttribute[] rules = [.. property.GetCustomAttributes<ValidationAttribute>()];
        return SettingText.TryConvert(text, type) is { } value && rules.All(rule => SettingText.Fits(value, rule))
            ? value
            : throw SettingException.For(key, text, SettingText.Expected(type, rules));
    }
}
