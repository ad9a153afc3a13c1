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
            // The names come from these options, not from the context's own.
            options.SerializerOptions.PropertyNamingPolicy = MatchApiJson.Default.Options.PropertyNamingPolicy;
            options.SerializerOptions.DefaultIgnoreCondition = MatchApiJson.Default.Options.DefaultIgnoreCondition;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, MatchApiJson.Default);
        });
        services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "GameStack match API";

            // Relative to the document, so that it holds on the backend and behind the proxy's /api alike.
            document.Servers = [new() { Url = ".." }];
            return Task.CompletedTask;
        }));
        return builder;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        app.UseExceptionHandler();

        // Whatever the request's Accept says: the default would answer one that does not name JSON in plain text.
        app.UseStatusCodePages(context => TypedResults.Problem(statusCode: context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        app.UseMiddleware<JsonCharset>();
        app.MapMatchEndpoints();
        app.MapSessionEndpoints();
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", options => options.WithTitle("GameStack match API").DisableDefaultFonts());
        return app;
    }
}
