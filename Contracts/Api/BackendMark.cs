namespace GameStack.Contracts.Api;

/// <summary>
/// The header that a backend adds to each of its answers, also to those to probes. The proxy takes no answer without it, because another
/// program may have got the address of a backend that is gone.
/// </summary>
public static class BackendMark
{
    public const string Header = "GameStack-Backend";

    public const string Value = "1";
}
