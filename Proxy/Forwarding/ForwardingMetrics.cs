using System.Diagnostics.Metrics;

namespace GameStack.Proxy.Forwarding;

internal sealed class ForwardingMetrics
{
    private readonly Counter<long> _retries;
    private readonly Counter<long> _failures;

    public ForwardingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("GameStack.Proxy");
        _retries = meter.CreateCounter<long>("gamestack.proxy.retries", "{call}", "Calls sent again after a backend failed them");
        _failures = meter.CreateCounter<long>("gamestack.proxy.failures", "{call}", "Calls that no backend answered");
    }

    public void Retried(ForwardingFailure failure) => _retries.Add(1, Reason(failure));

    public void Failed(ForwardingFailure failure) => _failures.Add(1, Reason(failure));

    private static KeyValuePair<string, object?> Reason(ForwardingFailure failure) => new("reason", failure.Kind switch
    {
        ForwardingFailureKind.NotSent => "not_sent",
        ForwardingFailureKind.NoConnection => "no_connection",
        ForwardingFailureKind.Unsendable => "unsendable",
        ForwardingFailureKind.Broken => "broken",
        ForwardingFailureKind.TimedOut => "timed_out",
        _ => "client",
    });
}
