using System.Runtime.Versioning;
using GameStack.Tests.Infrastructure;
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

            Assert.Single(said);
            Assert.Single(unpacked.Distinct());
            Assert.True(Command.Exists(unpacked[0]["redis-server"]));
            var (exitCode, output) = await Command.RunAsync(
                unpacked[0]["redis-server"], ["--version"], TestContext.Current.CancellationToken, unpacked[0].LibraryPath);
            Assert.Equal(0, exitCode);
            Assert.StartsWith("Redis server", output, StringComparison.Ordinal);
        }
        catch (LocalServerUnavailableException e)
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
}
