using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace GameStack.AppHost.Servers;

/// <summary>The container engine that Aspire's orchestrator (DCP) uses.</summary>
/// <param name="command">Its command line, <c>docker</c> or <c>podman</c>.</param>
internal sealed class ContainerEngine(string command)
{
    /// <summary>How long to wait for an answer; Aspire itself waits as long for DCP.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(25);

    // The containers of a killed run are removed within about 12 s.
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RemovalCheck = TimeSpan.FromSeconds(1);

    /// <summary>Asks DCP, so that the answer is the one that Aspire acts on; null if no engine is running.</summary>
    /// <exception cref="RunRefusedException">DCP does not answer, or cannot be started.</exception>
    public static async Task<ContainerEngine?> FindAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var dcp = Setting("DcpPublisher:CliPath") ?? Setting("ASPIRE_DCP_PATH") ?? builder.AppHostAssembly?
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => string.Equals(metadata.Key, "dcpclipath", StringComparison.OrdinalIgnoreCase))?.Value
            ?? throw new RunRefusedException("Aspire's orchestrator (DCP) is missing: restore the packages of AppHost.");
        var engine = Setting("DcpPublisher:ContainerRuntime")
            ?? Setting("ASPIRE_CONTAINER_RUNTIME") ?? Setting("DOTNET_ASPIRE_CONTAINER_RUNTIME");
        var answer = await RunAsync(dcp, engine is null ? ["info"] : ["info", "--container-runtime", engine], cancellationToken);
        return ReadCommand(answer) is { } command ? new ContainerEngine(command) : null;

        string? Setting(string name) => builder.Configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
    }

    /// <summary>Whether the image is on this machine.</summary>
    /// <exception cref="RunRefusedException">The engine does not answer.</exception>
    public async Task<bool> HasImageAsync(string image, CancellationToken cancellationToken) => !string.IsNullOrWhiteSpace(
        await RunAsync(command, ["image", "inspect", "--format", "{{.Id}}", image], cancellationToken));

    /// <summary>Waits until no container uses this volume: a container that outlives a killed run would write to the same files.</summary>
    /// <exception cref="RunRefusedException">A container still uses the volume.</exception>
    public async Task WaitUntilUnusedAsync(string volume, CancellationToken cancellationToken)
    {
        for (var patience = RemovalLimit; ; patience -= RemovalCheck)
        {
            var users = await RunAsync(command, ["ps", "--all", "--quiet", "--filter", $"volume={volume}"], cancellationToken);
            if (string.IsNullOrWhiteSpace(users))
            {
                return;
            }

            if (patience <= TimeSpan.Zero)
            {
                throw new RunRefusedException(
                    $"A container of another run uses the volume {volume}: remove that container ({command} rm --force {users.Trim()}).");
            }

            // Docker and Podman print no common event for a removed container, so poll.
            await Task.Delay(RemovalCheck, cancellationToken);
        }
    }

    /// <summary>
    /// Reads <c>{"containers":{"runtime":"podman","installed":true,"running":true}, …}</c>; null if no engine is running.
    /// </summary>
    internal static string? ReadCommand(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.TryGetProperty("containers", out var containers)
                && containers.TryGetProperty("running", out var running) && running.ValueKind == JsonValueKind.True
                && containers.TryGetProperty("runtime", out var runtime)
                    ? runtime.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                var errors = process.StandardError.ReadToEndAsync(limit.Token);
                var answer = await process.StandardOutput.ReadToEndAsync(limit.Token);
                await errors;
                await process.WaitForExitAsync(limit.Token);
                return answer;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                process.Kill();
                throw new RunRefusedException(
                    $"{program} does not answer: restart the container engine, or set Servers=programs to run without it.");
            }
        }
        catch (Win32Exception e)
        {
            throw new RunRefusedException($"{program} cannot be started: {e.Message}");
        }
    }
}
