using GameStack.Backend.Api;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GameStack.Backend.Access;

internal static class OperatorsExtensions
{
    private const string KeySetting = $"{OperatorsOptions.Section}:{nameof(OperatorsOptions.Key)}";
    private const string SecondKeySetting = $"{OperatorsOptions.Section}:{nameof(OperatorsOptions.SecondKey)}";

    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static IHostApplicationBuilder AddOperators(this IHostApplicationBuilder builder)
    {
        var access = DefaultAccess(builder);
        var options = builder.AddSettings<OperatorsOptions>(OperatorsOptions.Section, defaults => defaults.Access = access);
        CheckKey(KeySetting, options.Key);
        CheckKey(SecondKeySetting, options.SecondKey);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Operators>();
        builder.Services.AddSingleton<OperatorAudit>();
        return builder;
    }

    /// <summary>Finds out whether the caller is an operator (<see cref="Caller.Of"/>), and logs what operators do.</summary>
    public static TBuilder IdentifyOperator<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.AddEndpointFilter<TBuilder, OperatorFilter>();

    /// <summary>The same for a route where a match ticket counts, too: a wrong key or token beside one is not refused here.</summary>
    public static TBuilder IdentifyOperatorUnlessTicket<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new TicketCounts()).IdentifyOperator();

    /// <summary>The same, and refuses callers who may not do what operators do.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.IdentifyOperator().AddEndpointFilter((context, next) =>
    {
        var http = context.HttpContext;
        return Caller.Of(http) switch
        {
            { MayOperate: true } => next(context),
            { Kind: CallerKind.TokenHolder } => ValueTask.FromResult<object?>(Problems.NotOperator()),
            _ => ValueTask.FromResult<object?>(Problems.NoCredential(http.Response)),
        };
    });

    private static OperatorAccess DefaultAccess(IHostApplicationBuilder builder)
    {
        var settings = builder.Configuration;
        var hasKey = (settings.FindSetting(KeySetting) ?? settings.FindSetting(SecondKeySetting)) is not null;
        var hasTokens = string.Equals(settings.FindSetting("Players:Authentication"), "Jwt", StringComparison.OrdinalIgnoreCase);
        return builder.Environment.IsDevelopment() && !hasKey && !hasTokens ? OperatorAccess.Anyone : OperatorAccess.Operators;
    }

    /// <summary>The error does not repeat the key.</summary>
    private static void CheckKey(string setting, string? key)
    {
        if (key is not null
            && (key.Length is < OperatorsOptions.ShortestKey or > OperatorsOptions.LongestKey
                || key.Any(letter => letter is < '!' or > '~')))
        {
            throw SettingException.For(
                setting, value: null,
                $"{OperatorsOptions.ShortestKey} to {OperatorsOptions.LongestKey} visible ASCII characters, none of them white space");
        }
    }
}
