using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GameStack.Proxy.CrossOrigin;

/// <summary>What web pages may do with the API: those of this proxy everything, others only what <c>Cors__Origins</c> allows.</summary>
internal static class CrossOriginExtensions
{
    /// <summary>How long a browser may remember that it may make a call.</summary>
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    public static void AddCrossOrigin(this WebApplicationBuilder builder)
    {
        builder.Configuration.KnowSettings<CrossOriginOptions>(CrossOriginOptions.Section);
        builder.Services.AddOptions<CrossOriginOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Origins = Read(configuration))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CrossOriginOptions>, CrossOriginOptions.Check>();
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<CrossOriginOptions>>(
            (cors, options) => cors.AddDefaultPolicy(policy => Allow(options.Value, policy)));
    }

    public static void UseCrossOrigin(this WebApplication app)
    {
        app.UseMiddleware<ForeignOrigins>();
        app.UseWhen(IsOn, pages => pages.UseCors());
    }

    private static bool IsOn(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<CrossOriginOptions>>().Value.IsOn;

    /// <summary>No cookies: only operators have one, and nobody may borrow their rights. A page sends a player's token itself.</summary>
    private static void Allow(CrossOriginOptions options, CorsPolicyBuilder policy)
    {
        policy.AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate)
            .SetPreflightMaxAge(PreflightAge);
        if (options.AllowsAny)
            policy.AllowAnyOrigin();
        else
            policy.SetIsOriginAllowed(options.Allows);
    }

    private static string[] Read(IConfiguration configuration)
    {
        var section = configuration.GetSection($"{CrossOriginOptions.Section}:{nameof(CrossOriginOptions.Origins)}");
        return [.. section.GetChildren().Select(item => item.Value).Prepend(section.Value)
            .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(text => WebOrigin.TryParse(text, out var origin) ? origin.ToString() : text)];
    }
}
