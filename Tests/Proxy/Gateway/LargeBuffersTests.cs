using GameStack.Proxy.Gateway;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Proxy.Gateway;

public sealed class LargeBuffersTests
{
    /// <summary>48 connections count for 768 KiB, and a large buffer has 256.</summary>
    [Fact]
    public void Large_buffers_take_no_more_memory_than_is_counted_for_all_connections()
    {
        var large = new LargeBuffers(Options.Create(new GatewayOptions { MaxConnections = 48 }));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.True(large.TryTake()));
        Assert.False(large.TryTake());
        Assert.False(large.TryTake());

        large.Return();
        Assert.True(large.TryTake());
        Assert.False(large.TryTake());
    }

    [Fact]
    public void A_small_gateway_has_one_for_each_direction_of_a_connection()
    {
        var large = new LargeBuffers(Options.Create(new GatewayOptions { MaxConnections = 1 }));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => large.TryTake()));
    }
}
