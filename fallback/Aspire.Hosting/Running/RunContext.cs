using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>What the start of a resource may use.</summary>
/// <param name="Settings">Where the run keeps things.</param>
/// <param name="Log">One line of the resource's output.</param>
/// <param name="OtlpEndpoint">Where telemetry goes; null for nowhere.</param>
internal sealed record RunContext(RunSettings Settings, Action<string> Log, ResourceValue? OtlpEndpoint);
