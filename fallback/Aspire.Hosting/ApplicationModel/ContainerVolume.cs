namespace Aspire.Hosting.ApplicationModel;

internal sealed record ContainerVolume(string Name, string Target, bool IsReadOnly);
