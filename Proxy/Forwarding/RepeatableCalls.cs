namespace GameStack.Proxy.Forwarding;

/// <summary>
/// Calls that have the same effect when they are sent twice: those with an idempotent method and, by contract, a join (the same pending
/// id), a leave and an end.
/// </summary>
internal static class RepeatableCalls
{
    private const string EndPrefix = "/api/match/";
    private const string EndSuffix = "/end";

    public static bool Contains(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) ? IsRepeatablePost(request.Path.Value ?? "") : !HttpMethods.IsPatch(request.Method);

    private static bool IsRepeatablePost(string path) =>
        path.Equals("/api/match/join", StringComparison.OrdinalIgnoreCase)
        || path.Equals("/api/match/leave", StringComparison.OrdinalIgnoreCase)
        || (path.StartsWith(EndPrefix, StringComparison.OrdinalIgnoreCase) && path.EndsWith(EndSuffix, StringComparison.OrdinalIgnoreCase));
}
