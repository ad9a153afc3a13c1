using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>A run that cannot start reports the reason at once, in a line or two on standard error. It exits with 78 if a
/// setting is wrong, and otherwise with 1.</summary>
public sealed class RunRefusalTests : IDisposable
{
    private const int WrongSetting = 78;

    private readonly TestFolder _data = new();
    private readonly TestFolder _empty = new();

    public void Dispose()
    {
        _data.Dispose();
        _empty.Dispose();
    }

    [Fact]
    public async Task An_unknown_value_of_Servers()
    {
        var said = await RefusedAsync(WrongSetting, ("Servers", "both"));
        Assert.Equal(["""Servers is "both"; expected programs, containers, or no value to choose automatically."""], said);
    }

    [Fact]
    public async Task Containers_without_a_running_engine()
    {
        using var path = new SearchPath();
        var said = await RefusedAsync(("Servers", "containers"), ("PATH", path.Value));
        Assert.Equal(["Servers=containers needs a container engine (Docker or Podman), but none is running."], said);
    }

    [Fact]
    public async Task Neither_an_engine_nor_programs_nor_a_way_to_get_them()
    {
        Assert.SkipWhen(File.Exists("/usr/bin/redis-server"), "Redis is installed in a standard folder, which is always searched.");
        var withoutSources = Path.Combine(_empty.Path, "apt.conf");
        await File.WriteAllTextAsync(
            withoutSources,
            """Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "/dev/null";""",
            TestContext.Current.CancellationToken);

        using var path = new SearchPath();
        var said = await RefusedAsync(("PATH", path.Value), ("Servers__ToolsFolder", _empty.Path), ("APT_CONFIG", withoutSources));
        Assert.Contains(said, line => line.StartsWith("Redis could not be started: ", StringComparison.Ordinal));
        Assert.Equal(
            "Start a container engine (Docker or Podman), or install redis-server and postgresql so that their programs are on the PATH.",
            said[^1]);
    }

    [Fact]
    public async Task A_port_that_another_program_has()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var said = await RefusedAsync(("Proxy__Port", port));
        Assert.Equal(
            [$"Port {port}, where the proxy would listen, is in use by another program: "
                + "end that program, or choose another port with Proxy__Port."],
            said);

        said = await RefusedAsync(("ASPNETCORE_URLS", $"http://localhost:{port}"));
        Assert.Equal(
            [$"Port {port}, where the dashboard would listen, is in use by another program: "
                + "end that program, or choose another address: dotnet run --project AppHost -e ASPNETCORE_URLS=http://localhost:<port>"],
            said);
    }

    [Fact]
    public async Task A_port_that_this_user_may_not_use()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && FirstFreeForAll() > 80 && File.Exists("/usr/bin/setpriv"),
            "It needs ports that only root may use, and setpriv to take this right from root.");
        string[] withoutRight = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set", "-net_bind_service"] : [];

        var (exitCode, _, error) = await CommandLine.TryAsync(
            "env",
            [.. withoutRight, "env", "Proxy__Port=80", $"Servers__DataFolder={_data.Path}", ProductPrograms.PathOf("AppHost")],
            TestContext.Current.CancellationToken);

        Assert.Equal(
            (1, "Port 80, where the proxy would listen, needs more rights: "
                + "run the AppHost with them, or choose another port with Proxy__Port."),
            (exitCode, error.Trim()));

        static int FirstFreeForAll() =>
            int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start"), CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("Proxy__Port", "7777", "Gateway__Port", "7777")]
    [InlineData("Gateway__Port", "18888", "ASPNETCORE_URLS", "http://localhost:18888")]
    public async Task The_same_port_twice(string setting, string port, string other, string otherPort)
    {
        Assert.Equal(
            [$"{setting} and {other} both name port {port}; expected different ports."],
            await RefusedAsync(WrongSetting, (setting, port), (other, otherPort)));
    }

    [Theory]
    [InlineData("Tickets__KeyFile", "Tickets__PublicKeyFile is not set; expected the file with the public key of Tickets__KeyFile.")]
    [InlineData("Tickets__PublicKeyFile", "Tickets__KeyFile is not set; expected the file with the private key of Tickets__PublicKeyFile.")]
    public async Task One_of_the_two_files_of_a_pair_of_ticket_keys(string setting, string expected)
    {
        Assert.Equal([expected], await RefusedAsync(WrongSetting, (setting, "/keys/key.pem")));
    }

    [Fact]
    public async Task A_data_folder_that_another_run_uses()
    {
        await using var other = new FileStream(Path.Combine(_data.Path, "run.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var said = await RefusedAsync();
        Assert.Equal(
            [$"Another run uses the data folder {_data.Path}: "
                + "end that run, or give this one a folder of its own with Servers__DataFolder."],
            said);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("0")]
    [InlineData("65536")]
    public async Task A_wrong_port_of_the_proxy_in_a_run_and_while_publishing(string port)
    {
        var expected = $"Proxy__Port is \"{port}\"; expected a port number from 1 to 65535.";
        Assert.Equal([expected], await RefusedAsync(WrongSetting, ("Proxy__Port", port)));

        var manifest = Path.Combine(_empty.Path, "manifest.json");
        var (exitCode, output, error) = await CommandLine.TryAsync(
            "env", [$"Proxy__Port={port}", ProductPrograms.PathOf("AppHost"), "--publisher", "manifest", "--output-path", manifest],
            TestContext.Current.CancellationToken);
        Assert.Equal(WrongSetting, exitCode);
        Assert.Equal(expected, error.Trim());
        Assert.Empty(output.Trim());
        Assert.False(File.Exists(manifest));
    }

    private Task<IReadOnlyList<string>> RefusedAsync(params (string Name, string? Value)[] settings) =>
        RefusedAsync(exitCode: 1, settings);

    private async Task<IReadOnlyList<string>> RefusedAsync(int exitCode, params (string Name, string? Value)[] settings)
    {
        await using var appHost = AppHostProgram.Start(
            _data, settings.ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal));
        Assert.Equal(exitCode, await appHost.Program.WaitForExitAsync("refusing", Waits.Patient));
        return appHost.Program.Lines;
    }
}
