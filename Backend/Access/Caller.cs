using Microsoft.AspNetCore.Http.Features;

namespace GameStack.Backend.Access;

/// <summary>Who makes a call to a route that knows operators.</summary>
/// <param name="Kind">What the call's credentials say.</param>
/// <param name="Name">The operator's: that of a key, or the subject of a token. Empty for anyone else.</param>
/// <param name="MayOperate">Whether the caller may do what operators do.</param>
internal sealed record Caller(CallerKind Kind, string Name, bool MayOperate)
{
    /// <summary>The caller of a route that has <c>IdentifyOperator</c>.</summary>
    /// <exception cref="DependencyUnavailableException">The call's token could not be checked.</exception>
    public static Caller Of(HttpContext context) =>
        Find(context) ?? throw context.Features.GetRequiredFeature<DependencyUnavailableException>();

    /// <summary>The same; null if the call's token could not be checked.</summary>
    public static Caller? Find(HttpContext context) => context.Features.Get<Caller>();
}
