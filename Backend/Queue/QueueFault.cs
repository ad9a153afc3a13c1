using StackExchange.Redis;

namespace GameStack.Backend.Queue;

/// <summary>Whether a queue's call was broken off by Redis: cut, refused or too slow. What it would have done is unknown, and trying again is right.</summary>
internal static class QueueFault
{
    public static bool Is(Exception exception) => exception is RedisException or RedisTimeoutException or RedisCommandException;
}
