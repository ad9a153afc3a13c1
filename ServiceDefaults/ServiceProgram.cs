using System.Net.Sockets;
using System.Security.Cryptography;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Listening;
using GameStack.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults;

/// <summary>Runs a service. If it cannot start, says why in one line on standard error.</summary>
public static class ServiceProgram
{
    /// <summary>
    /// The exit code of a service that cannot start although its settings are right (its address may be taken, or not this machine's), or
    /// of which a background service has failed.
    /// </summary>
    public const int Failed = 1;

    /// <summary>The category of the host's own messages, which report a failed start together with a stack trace.</summary>
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    /// <summary>The assembly of .NET's own conversion of settings, which <see cref="SettingsReader"/> does without.</summary>
    private const string ConfigurationBinder = "Microsoft.Extensions.Configuration.Binder";

    /// <summary>The assembly that reads the settings of addresses and certificates.</summary>
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel.Core";

    /// <summary>
    /// Runs the service until it is told to stop. Returns the exit code: 0, or <see cref="SettingException.ExitCode"/> if a setting is
    /// wrong, or <see cref="Failed"/>.
    /// </summary>
    public static Task<int> RunAsync(string[] args, Func<WebApplicationBuilder, WebApplication> build) =>
        RunAsync(args, build, Console.Error);

    internal static async Task<int> RunAsync(string[] args, Func<WebApplicationBuilder, WebApplication> build, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(build);
        var (reason, exitCode) = await TryRunAsync(args, build);
        if (reason is not null)
        {
            await errors.WriteLineAsync(reason.ReplaceLineEndings(" "));
        }

        return exitCode;
    }

    /// <summary>Returns why the service could not start, or why it has ended unasked, and the exit code.</summary>
    private static async Task<(string? Reason, int ExitCode)> TryRunAsync(
        string[] args, Func<WebApplicationBuilder, WebApplication> build)
    {
        if (DescriptorLimit.WhyTooLow is { } tooLow)
        {
            return (tooLow, SettingException.ExitCode);
        }

        var started = false;
        try
        {
            ListenAddresses.TrimVariables();
            var builder = WebApplication.CreateBuilder(args);
            builder.Logging.AddFilter(HostCategory, level => started && level >= LogLevel.Information);
            await using var app = build(builder);
            ListenAddresses.Check(app.Configuration);
            app.Services.GetService<IStartupValidator>()?.Validate();

            // The server would check its room for connections, too, but only after the other services have started.
            _ = app.Services.GetRequiredService<IOptions<ListeningOptions>>().Value;
            app.WarnOfUnknownSettings();
            try
            {
                await app.StartAsync();
                started = true;
                await app.WaitForShutdownAsync();
            }
            catch (Exception e) when (FindFailure(app) is not null
                || (e is OperationCanceledException && app.Lifetime.ApplicationStopping.IsCancellationRequested))
            {
                // A background service has failed, or the service was told to stop while it was starting.
            }

            return FindFailure(app) is { } failure ? (failure, Failed) : (null, 0);
        }
        catch (SettingException e)
        {
            return (e.Message, SettingException.ExitCode);
        }
        catch (OptionsValidationException e)
        {
            return (e.Failures.First(), SettingException.ExitCode);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<OptionsValidationException>().FirstOrDefault() is { } first)
        {
            return (first.Failures.First(), SettingException.ExitCode);
        }
        catch (Exception e) when (e is InvalidOperationException { Source: ConfigurationBinder or Kestrel } or CryptographicException)
        {
            return (e.Message, SettingException.ExitCode);
        }
        catch (Exception e) when (!started && e is SocketException or IOException)
        {
            return ($"Cannot listen: {e.Message}", Failed);
        }
        catch (Exception e) when (!started)
        {
            return ($"Cannot start: {Describe(e)}", Failed);
        }
    }

    /// <summary>The host stops without an error when a background service fails, and what it logs meanwhile may be filtered out.</summary>
    private static string? FindFailure(WebApplication app) => app.Services.GetServices<IHostedService>().OfType<BackgroundService>()
        .Where(service => service.ExecuteTask is { IsFaulted: true })
        .Select(service => $"{service.GetType().Name} has failed: {Describe(service.ExecuteTask!.Exception!.GetBaseException())}")
        .FirstOrDefault();

    private static string Describe(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";
}
