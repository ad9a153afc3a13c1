using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using GameStack.Tests.AppHost;
using GameStack.Tests.Docs;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>A program with a wrong setting says so in one line on standard error, without the password, and does not start.</summary>
public sealed class WrongSettingTests : IDisposable
{
    private const string Expected = "; expected ";

    private readonly TestFolder _folder = new();

    /// <summary>Every setting whose type does not take any text.</summary>
    public static TheoryData<string> TypedSettings => [.. SettingsTests.OptionsByName
        .Where(option => option.Value.PropertyType != typeof(string))
        .Select(option => option.Key)];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(TypedSettings))]
    public async Task A_value_of_the_wrong_type(string name)
    {
        var type = SettingsTests.OptionsByName[name].DeclaringType!;
        var isOfPods = type.Namespace!.EndsWith(".Kubernetes", StringComparison.Ordinal);
        var program = type.Assembly.GetName().Name == "Backend" ? "Backend" : "Proxy";

        var line = await RefusedAsync(program, 78, ("GameServers__Fleet", isOfPods ? "Kubernetes" : null), (name, "nonsense"));

        Assert.StartsWith($"{name} is \"nonsense\"{Expected}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Backend", "SESSION_SIZE", "0")]
    [InlineData("Backend", "SESSION_SIZE", "101")]
    [InlineData("Backend", "FLUSH_WAIT_SECONDS", "-0.4")]
    [InlineData("Backend", "FLUSH_WAIT_SECONDS", "NaN")]
    [InlineData("Backend", "Matchmaking__SilentSeconds", "15")]
    [InlineData("Backend", "Matchmaking__Queue", "a b")]
    [InlineData("Backend", "Matchmaking__LeaseSeconds", "1e9")]
    [InlineData("Backend", "REDIS_HOST", "redis://redis")]
    [InlineData("Backend", "REDIS_HOST", "redis:6379")]
    [InlineData("Backend", "REDIS_PORT", "tcp://10.0.0.1:6379")]
    [InlineData("Backend", "GAME_SERVER_CONNECT_HOST", "0.0.0.0")]
    [InlineData("Backend", "GameServers__Program", "/no/such/program")]
    [InlineData("Backend", "GameServers__Standby", "1001")]
    [InlineData("Backend", "GameServers__StopTimeout", "5")]
    [InlineData("Backend", "GameServers__LongestMatch", "1.00:00:01")]
    [InlineData("Backend", "GameServers__Tickets", "Required")]
    [InlineData("Backend", "GameServers__ReconnectSeconds", "0.5")]
    [InlineData("Backend", "Tickets__KeyFile", "/no/such/key")]
    [InlineData("Backend", "Tickets__KeyFile", ",")]
    [InlineData("Backend", "Tickets__ClockSkew", "01:00:01")]
    [InlineData("Backend", "Players__Authentication", "Jwt")]
    [InlineData("Backend", "Players__ClockSkew", "01:00:01")]
    [InlineData("Backend", "Limits__HeldCallsPerPlayer", "0")]
    [InlineData("Backend", "Limits__MaxConnections", "1000001")]
    [InlineData("Backend", "Records__KeepDays", "36501")]
    [InlineData("Backend", "Shutdown__DrainSeconds", "3601")]
    [InlineData("Backend", "HTTP_PORTS", "80x")]
    [InlineData("Backend", "ShortCalls__Port", "0")]
    [InlineData("Backend", "ShortCalls__Port", "8080x")]
    [InlineData("Proxy", "TrustedProxies", "10.0.0.1")]
    [InlineData("Proxy", "TrustedProxies", "10.0.0.0/8,fd00::/129")]
    [InlineData("Proxy", "BACKEND_URL", "backend:5080")]
    [InlineData("Proxy", "BACKEND_URL", "http://xn--é.com")]
    [InlineData("Proxy", "BACKEND_SHORT_URL", "http://another-backend:5081")]
    [InlineData("Proxy", "services__backend__http__1", "ftp://backend")]
    [InlineData("Proxy", "RateLimit__Burst", "-1")]
    [InlineData("Proxy", "RateLimit__PlayerBurst", "1000001")]
    [InlineData("Proxy", "Limits__AddressShare", "0")]
    [InlineData("Proxy", "Limits__HeadersTimeout", "10")]
    [InlineData("Proxy", "Limits__KeepAliveTimeout", "1.00:00:01")]
    [InlineData("Proxy", "Cors__Origins", "https://play.example.com,play.example.com")]
    [InlineData("Proxy", "Cors__Origins", "https://xn--é.com")]
    [InlineData("Proxy", "ProxyProtocol__Ports", "http")]
    [InlineData("Proxy", "ProxyProtocol__Ports", "8080")]
    [InlineData("Proxy", "Forwarding__ProbeInterval", "00:00:00")]
    [InlineData("Proxy", "Tickets__PublicKeyFile", "/etc/hostname")]
    [InlineData("Proxy", "Gateway__CertificateFile", "/no/such/certificate")]
    [InlineData("Proxy", "Gateway__CertificateKeyFile", "/etc/hostname")]
    [InlineData("Proxy", "Gateway__MaxConnections", "0")]
    [InlineData("Proxy", "ASPNETCORE_URLS", "http://*:80x")]
    [InlineData("Proxy", "HTTP_PORTS", "65536")]
    [InlineData("Proxy", "OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("Proxy", "OTEL_TRACES_SAMPLER", "sometimes")]
    public async Task A_value_out_of_range_or_of_another_form(string program, string name, string value) =>
        Assert.StartsWith($"{name} is \"{value}\"{Expected}", await RefusedAsync(program, 78, (name, value)), StringComparison.Ordinal);

    [Fact]
    public async Task A_port_with_PROXY_headers_that_nothing_listens_on() => Assert.Equal(
        "ProxyProtocol__Ports is \"8080,7777\"; expected ports that the proxy listens on: 8080,8081.",
        await RefusedAsync(
            "Proxy", 78, ("ASPNETCORE_URLS", "http://127.0.0.1:8080;http://127.0.0.1:8081"), ("TrustedProxies", "10.0.0.0/8"),
            ("ProxyProtocol__Ports", "8080,7777")));

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8081")]
    public async Task A_port_for_short_calls_that_nothing_listens_on_or_that_is_the_only_one(string url) => Assert.StartsWith(
        "ShortCalls__Port is \"8081\"; expected one of several ports that the backend listens on: 808",
        await RefusedAsync("Backend", 78, ("ASPNETCORE_URLS", url), ("ShortCalls__Port", "8081")), StringComparison.Ordinal);

    [Theory]
    [InlineData("ConnectionStrings__redis", "redis:6379,password=secret,secret")]
    [InlineData("ConnectionStrings__redis", "redis://:secret@redis:port")]
    [InlineData("ConnectionStrings__redis", "http://:secret@redis")]
    [InlineData("ConnectionStrings__matches", "Host=host;Password=secret;secret=x")]
    [InlineData("ConnectionStrings__matches", "Host=host;Password=secret;Port=many")]
    [InlineData("DATABASE_URL", "mysql://user:secret@host/db")]
    [InlineData("DATABASE_URL", "postgresql://user:secret@host:70000/db")]
    [InlineData("REDIS_PASSWORD", "secret")]
    [InlineData("REDIS_PORT", "6379")]
    [InlineData("REDIS_TLS", "false")]
    [InlineData("DATABASE_PASSWORD", "secret")]
    [InlineData("DATABASE_TLS", "false")]
    public async Task A_connection_that_would_silently_be_another_one(string name, string value) =>
        Assert.StartsWith($"{name} is ", await RefusedAsync("Backend", 78, (name, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Operators__Key", "secret-too-shrt")]
    [InlineData("Operators__Key", "a secret with white space")]
    [InlineData("Operators__SecondKey", "secret")]
    public async Task A_key_that_no_header_can_show_or_that_is_too_short(string name, string value) =>
        Assert.StartsWith(
            $"{name} is not valid{Expected}16 to 256", await RefusedAsync("Backend", 78, (name, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("SigningKeys__0__Value", "no secret, and not in Base64")]
    [InlineData("SigningKeys__0__Value", "")]
    [InlineData("ValidateIssuer", "perhaps")]
    [InlineData("MetadataAddress", "http://issuer.example.com/metadata")]
    public async Task Of_the_scheme_that_ASP_NET_Core_checks_tokens_with(string name, string value)
    {
        const string Scheme = "Authentication__Schemes__Bearer";
        var line = await RefusedAsync(
            "Backend", 78, ("Players__Authentication", "Jwt"), ("Players__Audience", "gamestack"),
            ($"{Scheme}__ValidIssuer", "issuer"), ($"{Scheme}__SigningKeys__0__Issuer", "issuer"), ($"{Scheme}__{name}", value));

        Assert.StartsWith($"{Scheme} is not valid{Expected}what ASP.NET Core can read (", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Players__Issuer", "issuer")]
    [InlineData("Authentication__Schemes__Bearer__ValidIssuer", "issuer")]
    public async Task Of_the_scheme_if_none_of_its_keys_counts(string name, string value)
    {
        const string Key = "Authentication__Schemes__Bearer__SigningKeys__0";
        var line = await RefusedAsync(
            "Backend", 78, ("Players__Authentication", "Jwt"), ("Players__Audience", "gamestack"), (name, value),
            ($"{Key}__Issuer", "another"), ($"{Key}__Value", Convert.ToBase64String(new byte[32])));

        Assert.StartsWith($"Authentication__Schemes__Bearer__SigningKeys is not valid{Expected}a key whose Issuer is", line,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLIENTS", "many")]
    [InlineData("TARGET_URL", "localhost:8080")]
    [InlineData("TARGET_URL", "http://xn--é.com")]
    [InlineData("MATCH_DURATION", "0")]
    [InlineData("SPAWN_RATE", "-1")]
    [InlineData("JWT_KEY_FILE", "/no/such/key")]
    [InlineData("GAME_SERVER_HOST_OVERRIDE", "host:80")]
    [InlineData("Shutdown__TimeoutSeconds", "soon")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "0")]
    public async Task Of_the_load_tester(string name, string value) =>
        Assert.StartsWith(
            $"{name} is \"{value}\"{Expected}", await RefusedAsync("LoadTester", 104, (name, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("SESSION_SIZE", "twelve")]
    [InlineData("FLUSH_WAIT_SECONDS", "-1")]
    [InlineData("Matchmaking__SilentSeconds", "15")]
    [InlineData("CLIENTS", "0")]
    [InlineData("Servers", "both")]
    [InlineData("ASPIRE_CONTAINER_RUNTIME", "lxc")]
    [InlineData("ASPNETCORE_URLS", "localhost:18888")]
    public async Task Of_the_AppHost(string name, string value)
    {
        await using var appHost = AppHostProgram.Start(
            _folder, new Dictionary<string, string?>(StringComparer.Ordinal) { [name] = value });

        Assert.StartsWith($"{name} is \"{value}\"{Expected}", await RefusedAsync(appHost.Program, 78), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Backend")]
    [InlineData("Proxy")]
    public async Task A_port_that_another_program_has(string program)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        await using var running = Start(program, ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"));

        Assert.Equal(1, await running.WaitForExitAsync("refusing", Waits.Patient));
        Assert.Contains($":{port}: address already in use", Assert.Single(running.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain(running.Lines, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backend_outside_of_Development_does_not_start_without_a_word_about_its_players() =>
        Assert.StartsWith(
            $"Players__Authentication is not set{Expected}Jwt and Players__Authority or Players__KeyFile",
            await RefusedAsync("Backend", 78, ("Players__Authentication", null)),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_Kubernetes_fleet_without_credentials_for_the_API_server()
    {
        var key = Path.Combine(_folder.Path, "key.pem");
        using (var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        }

        Assert.StartsWith(
            $"GameServers__Fleet is \"Kubernetes\"{Expected}a pod with the token of a service account",
            await RefusedAsync(
                "Backend", 78, ("GameServers__Fleet", "Kubernetes"), ("GameServers__ControlKeyFile", key), ("HOME", _folder.Path),
                ("KUBECONFIG", null), ("KUBERNETES_SERVICE_HOST", null)),
            StringComparison.Ordinal);
    }

    private static async Task<string> RefusedAsync(string program, int exitCode, params (string Name, string? Value)[] settings)
    {
        await using var running = Start(program, settings);
        return await RefusedAsync(running, exitCode);
    }

    private static async Task<string> RefusedAsync(RunningProgram program, int exitCode)
    {
        Assert.Equal(exitCode, await program.WaitForExitAsync("refusing", Waits.Patient));
        var line = Assert.Single(program.Lines);
        Assert.Equal([line], program.Errors);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        return line;
    }

    private static RunningProgram Start(string program, params (string Name, string? Value)[] settings)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["BACKEND_URL"] = "http://127.0.0.1:9",
            ["Players__Authentication"] = "None",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return RunningProgram.Start(program, environment);
    }
}
