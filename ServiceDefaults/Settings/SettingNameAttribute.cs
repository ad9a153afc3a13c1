namespace GameStack.ServiceDefaults.Settings;

/// <summary>Gives a setting a name of its own instead of <c>Section__Property</c>.</summary>
/// <param name="name">The environment variable, such as <c>SESSION_SIZE</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingNameAttribute(string name) : Attribute
{
    public string Name => name;
}
