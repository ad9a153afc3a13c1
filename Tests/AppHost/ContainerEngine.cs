using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>The container engine of this machine, through its command line.</summary>
internal sealed class ContainerEngine
{
    private readonly string _command;

    private ContainerEngine(string command) => _command = command;

    /// <summary>Skips the test if no engine answers, or fails it if <c>CI</c> is <c>true</c>.</summary>
    public static async Task<ContainerEngine> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var command in new[] { "docker", "podman" })
        {
            if ((await CommandLine.TryAsync(command, ["info"], cancellationToken)).ExitCode == 0)
            {
                return new ContainerEngine(command);
            }
        }

        const string Reason = "No container engine (Docker or Podman) is running.";
        Assert.SkipUnless(LocalServerFixture.MustRun, Reason);
        throw new InvalidOperationException(Reason);
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

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
