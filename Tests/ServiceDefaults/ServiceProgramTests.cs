using GameStack.ServiceDefaults;
using GameStack.Tests.Backend.GameServers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.ServiceDefaults;

/// <summary>How a program ends, and what it says about it.</summary>
public sealed class ServiceProgramTests : IDisposable
{
    private const int UnknownSetting = 4;
    private const int MisspelledSetting = 5;

    private readonly LogRecords _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_background_service_that_fails_during_the_start_is_named_in_one_line()
    {
        var (exitCode, errors) = await RunAsync(services => services.AddHostedService<FailingInBackground>());

        Assert.Equal(1, exitCode);
        Assert.Equal($"FailingInBackground has failed: InvalidOperationException: No ports left.{Environment.NewLine}", errors);
    }

    [Fact]
    public async Task A_service_that_cannot_start_is_named_in_one_line()
    {
        var (exitCode, errors) = await RunAsync(services => services.AddHostedService<FailingAtStart>());

        Assert.Equal((1, $"Cannot start: InvalidOperationException: No ports left.{Environment.NewLine}"), (exitCode, errors));
    }

    [Fact]
    public async Task A_program_that_is_told_to_stop_exits_with_0_and_says_nothing()
    {
        Assert.Equal((0, ""), await RunAsync(services => services.AddHostedService<Stopping>()));

        Assert.Empty(_log.Of(UnknownSetting));
        Assert.Empty(_log.Of(MisspelledSetting));
    }

    [Fact]
    public async Task A_setting_that_does_not_exist_is_a_warning()
    {
        var run = await RunAsync(
            services => services.AddHostedService<Stopping>(),
            "--Limits:MaxConection=9", "--Limits:AddressShare=1", "--Shutdown:Nonsense=1");

        Assert.Equal((0, ""), run);
        var misspelled = Assert.Single(_log.Of(MisspelledSetting));
        Assert.Equal(LogLevel.Warning, misspelled.Level);
        Assert.Equal(
            "Limits__MaxConection is not a setting, and is ignored; did you mean Limits__MaxConnections?", misspelled.Message);
        Assert.Equal("Shutdown__Nonsense is not a setting, and is ignored", Assert.Single(_log.Of(UnknownSetting)).Message);
    }

    private async Task<(int ExitCode, string Errors)> RunAsync(Action<IServiceCollection> add, params string[] arguments)
    {
        await using var errors = new StringWriter();
        var exitCode = await ServiceProgram.RunAsync(
            ["--Shutdown:DrainSeconds=0", .. arguments],
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(_log);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.AddServiceDefaults();
                add(builder.Services);
                return builder.Build();
            },
            errors);
        return (exitCode, errors.ToString());
    }

    private sealed class FailingInBackground : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            Task.FromException(new InvalidOperationException("No\nports left."));
    }

    private sealed class FailingAtStart : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) =>
            Task.FromException(new InvalidOperationException("No ports left."));

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Stopping(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            lifetime.ApplicationStarted.Register(lifetime.StopApplication);
            return Task.CompletedTask;
        }
    }
}
