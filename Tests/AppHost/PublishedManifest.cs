using System.Text.Json;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>The manifest that the AppHost's own program publishes.</summary>
internal static class PublishedManifest
{
    public static async Task<JsonElement> WriteAsync(string path)
    {
        var cancellationToken = TestContext.Current.CancellationToken;

        // Unset the settings in this test run's own environment, since the AppHost would pass them on.
        await CommandLine.RunAsync(
            "env",
            [
                "--unset=SESSION_SIZE", "--unset=MIN_PARTIAL_SESSION_SIZE", "--unset=FLUSH_WAIT_SECONDS",
                ProductPrograms.PathOf("AppHost"), "--publisher", "manifest", "--output-path", path,
            ],
            cancellationToken);
        return JsonElement.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
    }
}
