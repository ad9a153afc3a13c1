using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using GameStack.Contracts.Settings;
using GameStack.Proxy.Backends;
using GameStack.Proxy.FrontDoor;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GameStack.Tests.Proxy.FrontDoor;

public sealed class KeepAliveTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_connection_is_kept_open_for_as_long_as_the_setting_says()
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend, "Limits:KeepAliveTimeout=00:00:02");
        using var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancelled);
        var stream = connection.GetStream();
        var clock = Stopwatch.StartNew();
        await stream.WriteAsync("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancelled);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        Assert.StartsWith("HTTP/1.1 200 ", await reader.ReadLineAsync(Cancelled));
        await reader.ReadToEndAsync(Cancelled);

        Assert.InRange(clock.Elapsed.TotalSeconds, 1.5, 30);
    }

    [Fact]
    public void The_default_outlasts_load_balancers_that_close_idle_connections_after_a_minute() =>
        Assert.True(new LimitsOptions().KeepAliveTimeout > TimeSpan.FromSeconds(60));

    [Fact]
    public void The_proxy_closes_its_connections_to_backends_long_before_these_do() =>
        Assert.True(BackendHttpClients.IdleTimeout < new KestrelServerLimits().KeepAliveTimeout / 2);

    [Theory]
    [InlineData("Limits:KeepAliveTimeout=0", "Limits__KeepAliveTimeout")]
    [InlineData("Limits:KeepAliveTimeout=-00:00:01", "Limits__KeepAliveTimeout")]
    [InlineData("Limits:KeepAliveTimeout=620", "Limits__KeepAliveTimeout")]
    [InlineData("Limits:HeadersTimeout=00:00:00", "Limits__HeadersTimeout")]
    [InlineData("Limits:HeadersTimeout=1.00:00:00", "Limits__HeadersTimeout")]
    public async Task A_time_that_makes_no_sense_is_refused_at_the_start(string setting, string name)
    {
        await using var backend = await StandInBackend.StartAsync();

        var refusal = await Assert.ThrowsAsync<SettingException>(() => RunningProxy.StartAsync(backend, setting));

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }
}
