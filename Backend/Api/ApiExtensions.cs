using GameStack.Backend.Access;
using GameStack.Contracts.Api;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Scalar.AspNetCore;

namespace GameStack.Backend.Api;

internal static class ApiExtensions
{
    /// <summary>
    /// Connections that a backend opens itself: to Postgres (a pool of 100), to game servers (about 100 at once), to Redis and Kubernetes.
    /// </summary>
    private const int OutgoingConnections = 256;

    /// <summary>The proxy reads 4 KiB, and may have to write each of them as three.</summary>
    private const int MaxRequestLineBytes = 16 * 1024;

    public static IHostApplicationBuilder AddApi(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddSettings<HeldCallsOptions>(HeldCallsOptions.Section);
        services.AddSingleton<HeldCalls>();
        builder.AddShortCalls();

        // Before all others, so that their answers get the mark, too.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, MarkedAnswers>());
        services.Configure<ListeningCost>(cost => cost.OwnDescriptors += OutgoingConnections);
        services.AddSingleton<PlayerLookup>();
        services.AddSingleton<MatchEndRights>();
        services.AddProblemDetails();
        services.AddExceptionHandler<DependencyUnavailableHandler>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        });
        services.ConfigureHttpJsonOptions(options =>
        {
            // Property names follow these options, not those of the JSON context.
            options.SerializerOptions.PropertyNamingPolicy = MatchApiJson.Default.Options.PropertyNamingPolicy;
            options.SerializerOptions.DefaultIgnoreCondition = MatchApiJson.Default.Options.DefaultIgnoreCondition;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, MatchApiJson.Default);
        });
        services.AddOpenApi(options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "GameStack match API";

                // Relative to the document, so that it is correct both on the backend and behind the proxy's /api.
                document.Servers = [new() { Url = ".." }];
                return Task.CompletedTask;
            })
            .AddOperationTransformer((operation, context, _) =>
            {
                BearerDocumentation.Add(operation, context);
                return Task.CompletedTask;
            }));
        return builder;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        // Always answer in JSON. The defaults answer in plain text, or not at all, when the request's Accept header does not name JSON.
        app.UseExceptionHandler(failed => failed.Run(AnswerStatusAsync));
        app.UseStatusCodePages(context => AnswerStatusAsync(context.HttpContext));
        app.UsePlayerAccess();
        app.MapMatchEndpoints();
        app.MapSessionEndpoints();
        app.MapOperatorSignIn();

        // Without a parameter in the pattern: otherwise, every other name is answered in plain text.
        app.MapOpenApi("/openapi/v1.json");
        app.MapScalarApiReference("/docs", options => options.WithTitle("GameStack match API").DisableDefaultFonts());
        return app;
    }

    private static Task AnswerStatusAsync(HttpContext context) => Problems.OfStatus(context).ExecuteAsync(context);
}
