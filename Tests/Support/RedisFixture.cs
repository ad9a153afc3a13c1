using GameStack.Tests.Support;
using LocalServers;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace GameStack.Tests.Support;

/// <summary>A real Redis for tests.</summary>
public sealed class RedisFixture : LocalServerFixture<RedisServer>
{
    private protected override Task<RedisServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken) =>
        RedisServer.StartAsync(options, cancellationToken);
}
