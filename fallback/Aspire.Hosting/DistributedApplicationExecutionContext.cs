namespace Aspire.Hosting;

public sealed class DistributedApplicationExecutionContext
{
    internal DistributedApplicationExecutionContext(bool isPublishMode) => IsPublishMode = isPublishMode;

    public bool IsPublishMode { get; }

    public bool IsRunMode => !IsPublishMode;
}
