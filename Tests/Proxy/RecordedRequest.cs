namespace GameStack.Tests.Proxy;

internal sealed record RecordedRequest(
    string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body, string Protocol);
