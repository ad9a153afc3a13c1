using GameStack.Backend.Background;
using StackExchange.Redis;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Finds out whether Redis refuses this backend's user while the client has no connection. The client tells why a connection failed, but
/// not why it cannot open another one: calls then fail for lack of a connection only.
/// </summary>
/// <param name="settings">Those of the client, with an error if the connection fails.</param>
/// <param name="redis">The client.</param>
/// <param name="state">Gets the refusals.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the failures.</param>
internal sealed class RedisAccessCheck(
    ConfigurationOptions settings, IConnectionMultiplexer redis, RedisState state, TimeProvider time, ILogger<RedisAccessCheck> logger)
    : RepeatingService("check the access to Redis", time, logger, TimeSpan.FromSeconds(2))
{
    protected override async Task RunRoundAsync(CancellationToken stoppingToken)
    {
        if (state.IsServing || redis.IsConnected)
        {
            return;
        }

        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(settings).WaitAsync(stoppingToken);
        }
        catch (RedisConnectionException e)
        {
            state.Access.Failed(e.Message);
        }
    }
}
