using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A resource that has a life in a run, and with it a row in the table.</summary>
public abstract class RunnableResource : Resource
{
    private protected RunnableResource(string name)
        : base(name)
    {
    }

    /// <summary>Returns when the resource runs; whether it is healthy is asked afterwards.</summary>
    internal abstract Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken);
}
