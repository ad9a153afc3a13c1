namespace Aspire.Hosting.Running;

/// <summary>A resource that runs. Disposing ends it, gently first.</summary>
internal interface IRunning : IAsyncDisposable
{
    /// <summary>Completes when the resource has ended, with its exit code where it has one.</summary>
    Task<int?> Exited { get; }
}
