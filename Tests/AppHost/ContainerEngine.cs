using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>The container engine of this machine, through its command line.</summary>
internal sealed class ContainerEngine
{
    /// <summary>The graph's Redis.</summary>
    public const string RedisImage = "docker.io/library/redis:8.6";

    private readonly string _command;

    private ContainerEngine(string command) => _command = command;

    /// <summary>Skips the test if no engine can start containers, or fails it if <c>CI</c> is <c>true</c>.</summary>
    public static async Task<ContainerEngine> FindAsync(CancellationToken cancellationToken)
    {
        var reason = "No container engine (Docker or Podman) is running.";
        foreach (var command in new[] { "docker", "podman" })
        {
            if ((await CommandLine.TryAsync(command, ["info"], cancellationToken)).ExitCode != 0)
            {
                continue;
            }

            if (await FindFaultAsync(command, cancellationToken) is not { } fault)
            {
                return new ContainerEngine(command);
            }

            reason = $"{command} cannot start containers: {fault}";
        }

        Assert.SkipUnless(LocalServerFixture.MustRun, reason);
        throw new InvalidOperationException(reason);
    }

    /// <summary>Writes a program with the engine's name that fails these commands and hands all others to the engine.</summary>
    /// <param name="folder">Where; first on a PATH, it stands for the engine.</param>
    /// <param name="commands">How the arguments begin.</param>
    public void WriteFailing(string folder, params string[] commands)
    {
        var engine = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(path => Path.Combine(path, _command)).First(File.Exists);
        var file = Path.Combine(folder, _command);
        File.WriteAllText(
            file,
            $"""
            #!/bin/sh
            case "$*" in {string.Join('|', commands.Select(command => $"'{command} '*"))}) echo failed >&2; exit 125;; esac
            exec {engine} "$@"
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The names of all containers, running or not.</summary>
    public async Task<string[]> ContainersAsync(CancellationToken cancellationToken) =>
        Lines(await CommandLine.RunAsync(_command, ["ps", "--all", "--format", "{{.Names}}"], cancellationToken));

    /// <summary>Removes the volumes of a run with this data folder.</summary>
    public async Task RemoveVolumesAsync(TestFolder data)
    {
        foreach (var server in new[] { "redis", "postgres" })
        {
            // Ignore a failure here: it must not hide the failure of a test that left its containers running.
            await CommandLine.TryAsync(
                _command, ["volume", "rm", GameStack.AppHost.Servers.ServerChoice.Volume(data.Path, server)], CancellationToken.None);
        }
    }

    /// <summary>An engine that answers may still be unable to start a container. Without the image, that is not known.</summary>
    private static async Task<string?> FindFaultAsync(string command, CancellationToken cancellationToken)
    {
        if ((await CommandLine.TryAsync(command, ["image", "inspect", RedisImage], cancellationToken)).ExitCode != 0)
        {
            return null;
        }

        var (exitCode, _, error) = await CommandLine.TryAsync(command, ["run", "--rm", RedisImage, "true"], cancellationToken);
        return exitCode == 0 ? null : error;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
