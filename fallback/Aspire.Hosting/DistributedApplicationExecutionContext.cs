namespace Aspire.Hosting;

public class DistributedApplicationExecutionContext
{
    internal DistributedApplicationExecutionContext(bool isPublishMode) => IsPublishMode = isPublishMode;

    public bool IsPublishMode { get; }

    public bool IsRunMode => !IsPublishMode;
}
