using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace GameStack.AppHost.Servers;

/// <summary>The container engine that Aspire's orchestrator (DCP) would use.</summary>
internal static class ContainerEngine
{
    /// <summary>Asks DCP itself, so that the answer is the one that Aspire will act on.</summary>
    public static async Task<bool> IsRunningAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        if (FindDcp(builder) is not { } dcp)
        {
            return false;
        }

        string[] arguments = builder.Configuration["ASPIRE_CONTAINER_RUNTIME"] is { Length: > 0 } engine ? ["info", "--container-runtime", engine] : ["info"];
        using var process = Process.Start(new ProcessStartInfo(dcp, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var answer = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 && IsRunning(answer);
    }

    /// <summary>Reads <c>{"containers":{"runtime":"podman","installed":true,"running":true}, …}</c>.</summary>
    internal static bool IsRunning(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.TryGetProperty("containers", out var containers)
                && containers.TryGetProperty("running", out var running)
                && running.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // Where Aspire looks for it: the setting, then what the build wrote into the AppHost.
    private static string? FindDcp(IDistributedApplicationBuilder builder) =>
        builder.Configuration["DcpPublisher:CliPath"]
        ?? builder.AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => string.Equals(metadata.Key, "dcpclipath", StringComparison.OrdinalIgnoreCase))?.Value;
}
