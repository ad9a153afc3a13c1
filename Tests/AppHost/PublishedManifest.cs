using System.Diagnostics;
using System.Text.Json;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.AppHost;

/// <summary>What the AppHost's own program publishes.</summary>
internal static class PublishedManifest
{
    public static async Task<JsonElement> WriteAsync(string path)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.Combine(Repository.Root, "AppHost", "bin", configuration, "net10.0", "AppHost");
        using var appHost = Process.Start(new ProcessStartInfo(program, ["--publisher", "manifest", "--output-path", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var output = appHost.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = appHost.StandardError.ReadToEndAsync(cancellationToken);
        await appHost.WaitForExitAsync(cancellationToken);
        Assert.True(appHost.ExitCode == 0, $"{await output}{await errors}");
        return JsonElement.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
    }
}
