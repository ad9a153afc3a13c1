using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>The Aspire dashboard itself, which the Aspire CLI's npm package contains.</summary>
internal sealed partial class DashboardResource : RunnableResource
{
    private const string Version = "13.5.4";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Endpoint _page;
    private readonly Endpoint _otlpGrpc;
    private readonly Endpoint _otlpHttp;

    public DashboardResource(IConfiguration configuration)
        : base("dashboard")
    {
        _page = Own("page", configuration["ASPNETCORE_URLS"], 18888);
        _otlpGrpc = Own("otlp-grpc", configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"], 4317);
        _otlpHttp = Own("otlp-http", configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"], 4318);
        HealthPath = "/";
    }

    public ResourceValue OtlpEndpoint => _otlpGrpc.Url;

    internal override async Task<StartResult> StartAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (await InstallAsync(context, cancellationToken) is not { } program)
        {
            return new StartResult.LeftOut("There is no dashboard in this run; everything else is not affected.");
        }

        string[] command =
        [
            program, "dashboard", "run", "--frontend-url", _page.Address, "--otlp-grpc-url", _otlpGrpc.Address,
            "--otlp-http-url", _otlpHttp.Address, "--allow-anonymous", "--nologo", "--non-interactive",
        ];
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["ASPIRE_HOME"] = Path.Combine(context.Settings.ToolsFolder, "aspire-home"),
            ["ASPIRE_CLI_TELEMETRY_OPTOUT"] = "true",
        };

        return new StartResult.Started(await ChildProcess.StartAsync(command, context.Settings.ToolsFolder, environment, Log, s_patience));

        void Log(string line)
        {
            if (Escape().Replace(line, string.Empty).Trim() is { Length: > 0 } text)
            {
                context.Log(text);
            }
        }
    }

    internal override void WriteManifest(ManifestWriter manifest)
    {
    }

    private static async Task<string?> InstallAsync(RunContext context, CancellationToken cancellationToken)
    {
        var package = $"aspire-cli-{Platform()}";
        var folder = Path.Combine(context.Settings.ToolsFolder, $"{package}-{Version}");
        var program = Path.Combine(
            folder, "node_modules", "@microsoft", package, "bin", OperatingSystem.IsWindows() ? "aspire.exe" : "aspire");
        if (File.Exists(program))
        {
            return program;
        }

        if (PathSearch.Find(OperatingSystem.IsWindows() ? "npm.cmd" : "npm") is not { } npm)
        {
            context.Log("The dashboard comes with npm, which is not on the PATH.");
            return null;
        }

        // Installed beside its place and then moved there, so that another run never sees a half of it.
        var beside = $"{folder}.{System.Environment.ProcessId}";
        Directory.CreateDirectory(beside);
        context.Log($"Fetching the dashboard (@microsoft/{package} {Version})…");
        string[] command =
        [
            npm, "install", "--prefix", beside, "--no-save", "--no-audit", "--no-fund", "--loglevel=error", $"@microsoft/{package}@{Version}",
        ];
        await using (var install = await ChildProcess.StartAsync(
            command, beside, new Dictionary<string, string>(StringComparer.Ordinal), context.Log, s_patience))
        {
            if (await install.Exited.WaitAsync(cancellationToken) != 0)
            {
                Directory.Delete(beside, recursive: true);
                return null;
            }
        }

        try
        {
            Directory.Move(beside, folder);
        }
        catch (IOException) when (File.Exists(program))
        {
            Directory.Delete(beside, recursive: true);
        }

        return program;
    }

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var libc = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "-musl" : string.Empty;
        return $"{system}{libc}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
    }

    /// <summary>Colors and links: it takes any output for a terminal.</summary>
    [GeneratedRegex(@"\e\[[0-9;]*m|\e\]8;.*?(\e\\|\a)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();

    private Endpoint Own(string name, string? url, int port)
    {
        var endpoint = new Endpoint(this, name, "http")
        {
            Port = Uri.TryCreate(url?.Split(';')[0], UriKind.Absolute, out var wish) ? wish.Port : port,
            MayMove = true,
            IsShown = name is "page",
        };
        Endpoints.Add(endpoint);
        return endpoint;
    }
}
