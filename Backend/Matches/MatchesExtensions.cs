using GameStack.Backend.Queue;
using GameStack.ServiceDefaults.Shutdown;

namespace GameStack.Backend.Matches;

internal static class MatchesExtensions
{
    /// <summary>Adds the services that take a match from its claim to its end.</summary>
    public static IHostApplicationBuilder AddMatches(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<MatchAssigner>();
        services.AddSingleton<IMatchAssigner>(provider => provider.GetRequiredService<MatchAssigner>());
        services.AddSingleton<MatchEnder>();
        services.AddSingleton<ServerlessMatches>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<IDrainTask, MatchDrain>();
        services.AddHostedService<LeaseKeeper>();
        services.AddHostedService<Matchmaker>();
        services.AddHostedService<ServerExits>();
        services.AddHostedService<EndedMatches>();
        services.AddHostedService(provider => provider.GetRequiredService<Reconciler>());
        return builder;
    }
}
