using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Access;

internal static class AccessExtensions
{
    /// <summary>The framework's own settings of the scheme <c>Bearer</c>.</summary>
    private const string SchemeSection = "Authentication:Schemes:" + JwtBearerDefaults.AuthenticationScheme;

    /// <summary>Adds <see cref="PlayerIdentity"/> and, where players must prove who they are, the check of their tokens.</summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static IHostApplicationBuilder AddPlayerAccess(this IHostApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        var options = builder.AddSettings<PlayersOptions>(
            PlayersOptions.Section,
            players => players.Authentication = isDevelopment ? PlayerAuthentication.None : PlayerAuthentication.Jwt);
        builder.Services.AddSingleton<PlayerIdentity>();
        if (options.Authentication == PlayerAuthentication.Jwt)
        {
            CheckTokens(options, builder.Configuration, isDevelopment);
            CheckKeys(options);
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.AddSingleton<PlayerKeys>();
            builder.Services.AddSingleton<PlayerTokens>();
            builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
            builder.Services.AddSingleton<IConfigureOptions<JwtBearerOptions>, PlayerBearer>();
            builder.Services.AddAuthorization();
        }

        return builder;
    }

    /// <summary>Checks tokens, so that endpoints can require them.</summary>
    /// <exception cref="SettingException">A setting of the scheme is wrong.</exception>
    public static WebApplication UsePlayerAccess(this WebApplication app)
    {
        if (app.Services.GetRequiredService<PlayerIdentity>().IsRequired)
        {
            CheckScheme(app.Services);
            app.UseAuthentication();
            app.UseAuthorization();
        }

        return app;
    }

    /// <summary>Where players must prove who they are, answers only a call with a player's token.</summary>
    public static RouteHandlerBuilder OnlyForPlayers(this RouteHandlerBuilder route, PlayerIdentity identity) =>
        !identity.IsRequired ? route : route.RequireAuthorization()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);

    private static void CheckTokens(PlayersOptions options, IConfiguration configuration, bool isDevelopment)
    {
        var scheme = configuration.GetSection(SchemeSection);
        if (options is { Authority: null, KeyFile: null } && !Has("Authority") && !Has("SigningKeys"))
        {
            const string Expected = "Players__Authority or Players__KeyFile with it, or else None";
            throw configuration.FindSetting("Players:Authentication") is { } text
                ? SettingException.For("Players:Authentication", text, Expected)
                : new SettingException($"Players__Authentication is not set; expected Jwt and {Expected}.");
        }

        if (options.Authority is { Scheme: "http" } && !isDevelopment)
        {
            throw SettingException.For("Players:Authority", options.Authority.OriginalString, "an https:// URL");
        }

        const string SchemeAuthority = SchemeSection + ":Authority";
        if (options.Authority is null && configuration.FindSetting(SchemeAuthority) is { } authority
            && !(HttpUrl.TryParse(authority) is { } url && (url.Scheme == "https" || isDevelopment)))
        {
            throw SettingException.For(SchemeAuthority, authority, "an https:// URL");
        }

        if (options is { Issuer: null, Authority: null } && !Has("Authority") && !Has("ValidIssuer") && !Has("ValidIssuers"))
        {
            throw new SettingException("Players__Issuer is not set; expected the issuer of the players' tokens.");
        }

        if (options.Audience is null && !Has("ValidAudience") && !Has("ValidAudiences"))
        {
            throw new SettingException("Players__Audience is not set; expected the audience of the players' tokens.");
        }

        bool Has(string name) => scheme.GetSection(name).AsEnumerable().Any(setting => !string.IsNullOrWhiteSpace(setting.Value));
    }

    /// <summary>ASP.NET Core itself reads the scheme's settings only with the first call, and then again with each that follows.</summary>
    private static void CheckScheme(IServiceProvider services)
    {
        JwtBearerOptions bearer;
        try
        {
            bearer = services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw SettingException.For(SchemeSection, value: null, $"what ASP.NET Core can read ({e.Message.TrimEnd('.')})");
        }

        // ASP.NET Core leaves out keys of other issuers.
        if (bearer.ConfigurationManager is null && !bearer.TokenValidationParameters.IssuerSigningKeys.Any()
            && services.GetRequiredService<PlayerKeys>().Current.Count == 0)
        {
            throw SettingException.For(
                $"{SchemeSection}:SigningKeys", value: null, "a key whose Issuer is Authentication__Schemes__Bearer__ValidIssuer");
        }
    }

    private static void CheckKeys(PlayersOptions options)
    {
        try
        {
            if (options.KeyFiles.Sum(file => PublicKeys.Read(File.ReadAllText(file)).Count) > 0 || options.KeyFile is null)
            {
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Reported below.
        }

        throw SettingException.For(
            $"{PlayersOptions.Section}:{nameof(options.KeyFile)}", options.KeyFile,
            "a readable file with public keys (PEM or JSON Web Key Set), or several, separated by commas");
    }
}
