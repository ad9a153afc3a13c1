using System.ComponentModel.DataAnnotations;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>Requires the path of a file that exists.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExistingFileAttribute : ValidationAttribute
{
    public ExistingFileAttribute() => ErrorMessage = "the path of a file that exists";

    public override bool IsValid(object? value) => value is string path && File.Exists(path);
}
