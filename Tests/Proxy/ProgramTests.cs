using GameStack.Proxy;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Proxy;

public sealed class ProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_backend_address_it_says_so_in_one_line_and_exits_with_78()
    {
        await using var proxy = Start();

        Assert.Equal(78, await proxy.WaitForExitAsync("refusing", Waits.Patient));

        Assert.Contains("BACKEND_URL", Assert.Single(proxy.Errors));
    }

    [Fact]
    public async Task With_fewer_descriptors_than_it_needs_it_says_so_in_one_line_and_exits_with_78()
    {
        await using var proxy = StartWithDescriptors("300");

        Assert.Equal(78, await proxy.WaitForExitAsync("refusing", Waits.Patient));

        Assert.StartsWith(
            "The limit of open files (ulimit -n) is 300, but this program needs at least ", Assert.Single(proxy.Lines),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_fewer_descriptors_than_its_runtime_needs_it_says_so_in_one_line_and_exits_with_78()
    {
        await using var proxy = StartWithDescriptors("140");

        Assert.Equal(78, await proxy.WaitForExitAsync("refusing", Waits.Patient));

        Assert.Equal("The limit of open files (ulimit -n) is 140, but .NET alone needs 256.", Assert.Single(proxy.Lines));
    }

    /// <summary>What the gateway takes depends on the limit, so the number that is named could be too small.</summary>
    [Fact]
    public async Task With_a_gateway_it_starts_with_as_many_descriptors_as_it_says_that_it_needs()
    {
        using var tickets = new TestTickets();
        using var folder = new TestFolder();
        var keyFile = Path.Combine(folder.Path, "tickets.pem");
        await File.WriteAllTextAsync(keyFile, tickets.PublicPem, Cancelled);
        await using var refused = StartWithDescriptors("500", keyFile);
        Assert.Equal(78, await refused.WaitForExitAsync("refusing", Waits.Patient));
        var needed = Assert.Single(refused.Lines).TrimEnd('.').Split(' ')[^1];

        await using var proxy = StartWithDescriptors(needed, keyFile);

        await proxy.WaitUntilListeningAsync();
    }

    /// <summary>Built but not started, since another program of this machine may have the port.</summary>
    [Theory]
    [InlineData("--urls=")]
    [InlineData("--urls= ")]
    [InlineData("--http_ports=")]
    [InlineData("--https_ports= ")]
    public async Task An_empty_address_counts_as_not_set(string setting)
    {
        var builder = WebApplication.CreateBuilder([setting, "--BACKEND_URL=http://127.0.0.1:9"]);
        builder.Logging.ClearProviders();

        await using var proxy = ProxyApp.Build(builder);

        Assert.Equal("http://*:8080", proxy.Configuration["urls"]);
    }

    [Theory]
    [InlineData(" ", "0")]
    [InlineData("", " 0 ")]
    [InlineData(" http://127.0.0.1:0 ; ", "")]
    public async Task White_space_in_an_address_counts_for_nothing(string urls, string ports)
    {
        await using var proxy = Start(("BACKEND_URL", "http://127.0.0.1:9"), ("ASPNETCORE_URLS", urls), ("HTTP_PORTS", ports));

        Assert.NotEqual(8080, (await proxy.WaitUntilListeningAsync()).Port);
    }

    [Fact]
    public async Task Misspelled_settings_of_every_section_are_named()
    {
        (string Name, string Meant)[] wrong =
        [
            ("Cors__Origin", "Cors__Origins"), ("ProxyProtocol__Port", "ProxyProtocol__Ports"), ("RateLimit__Bursts", "RateLimit__Burst"),
        ];
        await using var proxy = Start([("BACKEND_URL", "http://127.0.0.1:9"), .. wrong.Select(setting => (setting.Name, "1"))]);

        await proxy.WaitUntilListeningAsync();

        foreach (var (name, meant) in wrong)
        {
            var warning = $"{name} is not a setting, and is ignored; did you mean {meant}?";
            Assert.Contains(proxy.Lines, line => line.Contains(warning, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(UnixSignals.Terminate)]
    [InlineData(UnixSignals.HangUp)]
    public async Task A_call_in_flight_when_the_process_is_told_to_stop_is_still_answered(int signal)
    {
        using var answer = new SemaphoreSlim(0);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await StandInBackend.StartAsync(async context =>
        {
            arrived.SetResult();
            await answer.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("in time");
        });
        await using var proxy = Start(("BACKEND_URL", backend.Address), ("Shutdown__DrainSeconds", "0.5"));
        using var client = TestHttp.ClientOf(await proxy.WaitUntilListeningAsync());

        var call = client.GetAsync("/api/match/status?player_id=p1&wait=30", Cancelled);
        await arrived.Task.WaitAsync(Waits.Patient, Cancelled);
        proxy.Signal(signal);
        await TestHttp.WaitUntilRefusedAsync(client, "/health");
        answer.Release();

        using var response = await call;
        Assert.Equal("in time", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, await proxy.WaitForExitAsync("stopping", Waits.Patient));
    }

    private static RunningProgram StartWithDescriptors(string limit, string? ticketKeyFile = null) => RunningProgram.StartCommand(
        ["/bin/sh", "-c", $"ulimit -n {limit} && exec \"$0\"", ProductPrograms.PathOf("Proxy")],
        new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["BACKEND_URL"] = "http://127.0.0.1:9",
            ["Tickets__PublicKeyFile"] = ticketKeyFile,
            ["Gateway__Port"] = "0",
        });

    private static RunningProgram Start(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?> { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return RunningProgram.Start("Proxy", environment);
    }
}
