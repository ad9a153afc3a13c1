using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;

namespace GameStack.Tests.AppHost;

/// <summary>A resource whose start goes as the test says.</summary>
internal sealed class TestResource(string name, Task<StartResult> start) : RunnableResource(name), IResourceWithEndpoints, IResourceWithWaitSupport
{
    public static StartResult Lives { get; } = new StartResult.Started(new Life());

    internal override Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken) => start.WaitAsync(cancellationToken);

    internal override void WriteManifest(ManifestWriter manifest) => throw new NotSupportedException();

    private sealed class Life : IRunning
    {
        public Task<int?> Exited { get; } = new TaskCompletionSource<int?>().Task;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
