namespace GameStack.Tests.Scenarios.Reliability;

/// <summary>Why a Redis that accepts connections takes no writes.</summary>
public enum RedisRefusal
{
    ReadOnly,
    Full,
    ScriptsForbidden,
    CommandForbidden,

    /// <summary>Heartbeats come through, and other scripts do not.</summary>
    PublishForbidden,
}
