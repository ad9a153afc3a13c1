using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Support;

/// <summary>A web page of an origin of its own, in a real browser without a window (Chromium).</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome"];

    private const string NoBrowser = "Neither Chromium nor Chrome is on the PATH.";

    private readonly WebApplication _server;
    private readonly string _program;
    private readonly TestFolder _profile = new();
    private readonly TaskCompletionSource<string> _report = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _script = "";
    private Process? _browser;

    private BrowserPage(WebApplication server, string program)
    {
        _server = server;
        _program = program;
    }

    /// <summary>The origin of the page.</summary>
    public string Origin => _server.Urls.Single();

    /// <summary>Serves the page. Skips the test if there is no browser, or fails it if <c>CI</c> is <c>true</c>.</summary>
    public static async Task<BrowserPage> StartAsync()
    {
        var program = Programs
            .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.SkipUnless(LocalServerFixture.MustRun, NoBrowser);
            throw new InvalidOperationException(NoBrowser);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var page = new BrowserPage(builder.Build(), program);
        page._server.MapGet("/", () => Results.Content($"<!doctype html><script type=module>{page._script}</script>", "text/html"));
        page._server.MapPost("/report", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            page._report.TrySetResult(await reader.ReadToEndAsync());
        });
        await page._server.StartAsync(TestContext.Current.CancellationToken);
        return page;
    }

    /// <summary>Opens the page with this script, and returns the first text that the script hands to <c>report</c>.</summary>
    public async Task<string> RunAsync(string script, CancellationToken cancellationToken)
    {
        _script = "const report = text => fetch('/report', {method: 'POST', body: text});"
            + $"try {{ {script} }} catch (e) {{ report(`${{e}}`); }}";
        _browser = Process.Start(new ProcessStartInfo(
            _program,
            ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", $"--user-data-dir={_profile.Path}", Origin])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = _profile.Path },
        })!;
        _browser.ErrorDataReceived += (_, _) => { };
        _browser.OutputDataReceived += (_, _) => { };
        _browser.BeginErrorReadLine();
        _browser.BeginOutputReadLine();
        return await _report.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is { HasExited: false })
        {
            _browser.Kill(entireProcessTree: true);
            await _browser.WaitForExitAsync(CancellationToken.None);
        }

        _browser?.Dispose();
        await _server.DisposeAsync();
        _profile.Dispose();
    }
}
