using System.Net.Http.Headers;
using GameStack.Tests.Support;

namespace GameStack.Tests.Backend.Access;

/// <summary>A backend of its own, with its queue in memory, whose players need tokens of <see cref="TestIssuer"/>.</summary>
internal sealed class JwtBackend : IAsyncDisposable
{
    public static readonly string[] Calls = ["join", "leave", "status", "events"];

    private readonly HttpClient _http;

    private JwtBackend(RunningProgram program, Uri root) => (Program, Root, _http) = (program, root, TestHttp.ClientOf(root));

    public RunningProgram Program { get; }

    public Uri Root { get; }

    /// <param name="keyFile">The file with the keys; null if the settings name others.</param>
    /// <param name="settings">Environment variables besides.</param>
    public static async Task<JwtBackend> StartAsync(string? keyFile, params (string Name, string? Value)[] settings)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["SESSION_SIZE"] = "2",
            ["FLUSH_WAIT_SECONDS"] = "3600",
            ["Matchmaking__SilentSeconds"] = "3660",
            ["GameServers__Program"] = ProductPrograms.GameServer,
            ["GameServers__Standby"] = "2",
            ["Players__Authentication"] = "Jwt",
            ["Players__KeyFile"] = keyFile,
            ["Players__Issuer"] = keyFile is null ? null : TestIssuer.Name,
            ["Players__Audience"] = keyFile is null ? null : TestIssuer.Audience,
            ["Players__ClockSkew"] = "00:00:00",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        var program = RunningProgram.Start("Backend", environment);
        return new JwtBackend(program, await program.WaitUntilListeningAsync());
    }

    /// <summary>Joins, leaves, asks for the status, or opens the event stream.</summary>
    /// <param name="call">One of <see cref="Calls"/>.</param>
    /// <param name="token">The call's token; null for none.</param>
    /// <param name="player">The player that the call names; null for none.</param>
    public async Task<HttpResponseMessage> SendAsync(string call, string? token, string? player = null)
    {
        using var request = call is "join" or "leave"
            ? new HttpRequestMessage(HttpMethod.Post, $"match/{call}")
            {
                Content = player is null ? ContractClient.RawJson("{}") : ContractClient.Json(player),
            }
            : new HttpRequestMessage(
                HttpMethod.Get, $"match/{call}" + (player is null ? "" : $"?player_id={Uri.EscapeDataString(player)}"));
        return await SendAsync(request, token);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string? token)
    {
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>The answer to a call other than an accepted event stream.</summary>
    public async Task<ApiAnswer> CallAsync(string call, string? token, string? player = null)
    {
        using var response = await SendAsync(call, token, player);
        return await ApiAnswer.ReadAsync(response, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Program.StopAsync();
        await Program.DisposeAsync();
    }
}
