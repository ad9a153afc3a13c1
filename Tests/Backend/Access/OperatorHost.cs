using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using GameStack.Backend.Access;
using GameStack.Contracts.Api;
using GameStack.Tests.Backend.GameServers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.Access;

/// <summary>A service with two routes: <c>/open</c> says who calls, and <c>/closed</c> is only for operators.</summary>
internal sealed class OperatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OperatorHost(WebApplication app, LogRecords log, FakeTimeProvider time)
    {
        (_app, Log, Time) = (app, log, time);

        // Without a jar for cookies: a test shows what it means to.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        Client = new HttpClient(handler) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public LogRecords Log { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Client { get; }

    public static async Task<OperatorHost> StartAsync(
        string environment = "Production", bool checksTokens = false, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        foreach (var (name, value) in settings)
        {
            builder.Configuration[name] = value;
        }

        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var (log, time) = (new LogRecords(), new FakeTimeProvider(DateTimeOffset.UtcNow));
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(time);
        if (checksTokens)
        {
            builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, TestTokens>("Bearer", configureOptions: null);
        }

        builder.AddOperators();
        var app = builder.Build();
        app.MapOperatorSignIn();
        app.MapGet("/open", (HttpContext context) => $"{Caller.Of(context).Kind} {Caller.Of(context).Name}").IdentifyOperator();
        app.MapPost("/closed/{session_id?}", () => TypedResults.Accepted("/")).RequireOperator();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new OperatorHost(app, log, time);
    }

    /// <summary>Calls a route with a header, and without one if its value is null.</summary>
    public async Task<HttpResponseMessage> CallAsync(
        HttpMethod method, string path, string? key, string header = CredentialHeaders.OperatorKey)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.Add(header, key);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<HttpStatusCode> StatusAsync(string path, string? key, string header = CredentialHeaders.OperatorKey)
    {
        using var response = await CallAsync(HttpMethod.Post, path, key, header);
        return response.StatusCode;
    }

    /// <summary>How logs and records name an operator with this key.</summary>
    public static string NameOf(string key) => new OperatorKey(key).Name;

    /// <summary>Shows the key as a browser's form does.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string key, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/operators/sign-in");
        request.Content = new FormUrlEncodedContent([new("key", key)]);
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Log.Dispose();
    }

    /// <summary>Takes <c>Bearer &lt;subject&gt; &lt;scope&gt; …</c> for a token, and <c>Bearer wrong</c> for a wrong one.</summary>
    private sealed class TestTokens(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var token = Request.Headers.Authorization.ToString();
            if (token.Length == 0)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var words = token.Split(' ', 3);
            if (words is not [_, var subject, var scopes])
            {
                return Task.FromResult(AuthenticateResult.Fail("wrong"));
            }

            var identity = new ClaimsIdentity([new Claim("sub", subject), new Claim("scope", scopes)], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}
