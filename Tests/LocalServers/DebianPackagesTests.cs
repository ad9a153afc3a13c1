using System.Runtime.Versioning;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.LocalServers;

[UnsupportedOSPlatform("windows")]
public sealed class DebianPackagesTests
{
    [Fact]
    public async Task Many_who_need_the_same_server_at_once_unpack_it_once()
    {
        using var folder = new TestFolder();
        var said = new List<string>();
        try
        {
            var unpacked = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new DebianPackages(folder.Path, Say).UnpackAsync(
                ServerPackage.Redis, TestContext.Current.CancellationToken)));

            Assert.Single(said, line => line.Contains("is not installed; unpacking it", StringComparison.Ordinal));
            Assert.Single(unpacked.Distinct());
            Assert.True(Command.Exists(unpacked[0]["redis-server"]));
            var (exitCode, output) = await Command.RunAsync(
                unpacked[0]["redis-server"], ["--version"], TestContext.Current.CancellationToken, unpacked[0].LibraryPath);
            Assert.Equal(0, exitCode);
            Assert.StartsWith("Redis server", output, StringComparison.Ordinal);
        }
        catch (LocalServerUnavailableException e) when (!LocalServerFixture.MustRun)
        {
            Assert.Skip(e.Message);
        }

        void Say(string line)
        {
            lock (said)
            {
                said.Add(line);
            }
        }
    }

    /// <summary>Debian's redis-server is a link to a program of redis-tools.</summary>
    [Fact]
    public async Task A_program_is_found_although_the_package_that_holds_it_counts_as_installed()
    {
        using var folder = new TestFolder();
        try
        {
            // Brings apt's lists.
            var unpacked = await new DebianPackages(folder.Path, log: null)
                .UnpackAsync(ServerPackage.Redis, TestContext.Current.CancellationToken);
            Directory.Delete(Path.Combine(folder.Path, "redis"), recursive: true);
            var details = await CommandLine.RunAsync(
                "apt-cache",
                ["-o", $"Dir::State::lists={folder.Path}/apt/lists", "show", "redis-tools"],
                TestContext.Current.CancellationToken);
            var version = details.Split('\n').First(line => line.StartsWith("Version: ", StringComparison.Ordinal));
            var status = Path.Combine(folder.Path, "status");
            await File.WriteAllTextAsync(
                status,
                await File.ReadAllTextAsync("/var/lib/dpkg/status", TestContext.Current.CancellationToken)
                + $"""

                Package: redis-tools
                Status: install ok installed
                Architecture: {(await CommandLine.RunAsync("dpkg", ["--print-architecture"], TestContext.Current.CancellationToken)).Trim()}
                Maintainer: nobody
                {version}
                Description: said to be installed, and not there

                """,
                TestContext.Current.CancellationToken);

            unpacked = await new DebianPackages(folder.Path, log: null, status)
                .UnpackAsync(ServerPackage.Redis, TestContext.Current.CancellationToken);

            Assert.True(Command.Exists(unpacked["redis-server"]));
        }
        catch (LocalServerUnavailableException e) when (!LocalServerFixture.MustRun)
        {
            Assert.Skip(e.Message);
        }
    }
}
