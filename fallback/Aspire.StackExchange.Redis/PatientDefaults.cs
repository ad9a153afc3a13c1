using StackExchange.Redis.Configuration;

namespace Aspire.StackExchange.Redis;

/// <summary>A Redis that is away at the start comes back later; only a connection string that says <c>abortConnect=true</c> wants it otherwise.</summary>
internal sealed class PatientDefaults : DefaultOptionsProvider
{
    public override bool AbortOnConnectFail => false;
}
