namespace GameStack.Backend.Life;

internal static class LifeExtensions
{
    public static IHostApplicationBuilder AddMatchLife(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<MatchLife>();
        builder.Services.AddSingleton<IMatchListener, MatchLog>();
        builder.Services.AddSingleton<IMatchListener, MatchInstruments>();
        return builder;
    }
}
