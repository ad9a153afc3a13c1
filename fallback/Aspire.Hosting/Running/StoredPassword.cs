using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>The password of a server whose data outlives the run, and so must its password.</summary>
internal static class StoredPassword
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static ParameterResource For(IDistributedApplicationBuilder builder, string resourceName, bool special)
    {
        var name = $"{resourceName}-password";
        var application = (DistributedApplicationBuilder)builder;
        var value = new Lazy<string>(() => builder.Configuration[$"Parameters:{name}"] ?? ReadOrCreate(new RunSettings(application).DataFolder(name)));
        return new ParameterResource(name, () => value.Value, secret: true) { GeneratedWithSpecialCharacters = special };
    }

    private static string ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new StreamWriter(path, options);
            file.Write(RandomNumberGenerator.GetString(Letters, 22));
        }

        return File.ReadAllText(path).Trim();
    }
}
