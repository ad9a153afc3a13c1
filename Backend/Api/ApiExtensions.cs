using GameStack.Contracts.Api;
using Scalar.AspNetCore;

namespace GameStack.Backend.Api;

internal static class ApiExtensions
{
    public static IHostApplicationBuilder AddApi(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<PlayerLookup>();
        services.AddProblemDetails();
        services.AddExceptionHandler<DependencyUnavailableHandler>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.ConfigureHttpJsonOptions(options =>
        {
            // Property names follow these options, not those of the JSON context.
            options.SerializerOptions.PropertyNamingPolicy = MatchApiJson.Default.Options.PropertyNamingPolicy;
            options.SerializerOptions.DefaultIgnoreCondition = MatchApiJson.Default.Options.DefaultIgnoreCondition;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, MatchApiJson.Default);
        });
        services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "GameStack match API";

            // Relative to the document, so that it is correct both on the backend and behind the proxy's /api.
            document.Servers = [new() { Url = ".." }];
            return Task.CompletedTask;
        }));
        return builder;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        app.UseExceptionHandler();

        // Always answers in JSON. The default answers in plain text when the request's Accept header does not name JSON.
        app.UseStatusCodePages(context => TypedResults.Problem(statusCode: context.HttpContext.Response.StatusCode)
            .ExecuteAsync(context.HttpContext));
        app.UseMiddleware<JsonCharset>();
        app.MapMatchEndpoints();
        app.MapSessionEndpoints();
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", options => options.WithTitle("GameStack match API").DisableDefaultFonts());
        return app;
    }
}
