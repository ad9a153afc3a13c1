using GameStack.Tests.Infrastructure;
using LocalServers;

[assembly: AssemblyFixture(typeof(RedisFixture))]

namespace GameStack.Tests.Infrastructure;

/// <summary>A real Redis for tests.</summary>
public sealed class RedisFixture : LocalServerFixture<RedisServer>
{
    private protected override Task<RedisServer> StartAsync(LocalServerOptions options, CancellationToken cancellationToken) =>
        RedisServer.StartAsync(options, cancellationToken);
}
