using System.Net.Sockets;
using System.Security.Cryptography;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Listening;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults;

/// <summary>Runs a service. If it cannot start, says why in one line on standard error.</summary>
public static class ServiceProgram
{
    /// <summary>The exit code of a service whose address is taken, or is not this machine's.</summary>
    public const int CannotListen = 1;

    /// <summary>With fewer descriptors, .NET cannot load all of a program, and fails before the program's own need is known.</summary>
    private const int FewestDescriptors = 256;

    /// <summary>The category of the host's own messages, which report a failed start together with a stack trace.</summary>
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    /// <summary>The assembly of .NET's own conversion of settings, which <see cref="Settings.SettingsReader"/> does without.</summary>
    private const string ConfigurationBinder = "Microsoft.Extensions.Configuration.Binder";

    /// <summary>The assembly that reads the settings of addresses and certificates.</summary>
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel.Core";

    /// <summary>
    /// Runs the service until it is told to stop. Returns the exit code: 0, or <see cref="SettingException.ExitCode"/> if a setting is
    /// wrong, or <see cref="CannotListen"/>.
    /// </summary>
    public static async Task<int> RunAsync(string[] args, Func<WebApplicationBuilder, WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        if (DescriptorLimit.Value < FewestDescriptors)
        {
            return await RefuseAsync(
                $"The limit of open files (ulimit -n) is {DescriptorLimit.Value}, but .NET alone needs {FewestDescriptors}.",
                SettingException.ExitCode);
        }

        var started = false;
        try
        {
            var builder = WebApplication.CreateBuilder(args);
            builder.Logging.AddFilter(HostCategory, level => started && level >= LogLevel.Information);
            await using var app = build(builder);
            ListenAddresses.Check(app.Configuration);
            app.Services.GetService<IStartupValidator>()?.Validate();

            // The server would check its room for connections, too, but only after the other services have started.
            _ = app.Services.GetRequiredService<IOptions<ListeningOptions>>().Value;
            await app.StartAsync();
            started = true;
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (SettingException e)
        {
            return await RefuseAsync(e.Message, SettingException.ExitCode);
        }
        catch (OptionsValidationException e)
        {
            return await RefuseAsync(e.Failures.First(), SettingException.ExitCode);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<OptionsValidationException>().FirstOrDefault() is { } first)
        {
            return await RefuseAsync(first.Failures.First(), SettingException.ExitCode);
        }
        catch (Exception e) when (e is InvalidOperationException { Source: ConfigurationBinder or Kestrel } or CryptographicException)
        {
            return await RefuseAsync(e.Message, SettingException.ExitCode);
        }
        catch (Exception e) when (!started && e is SocketException or IOException)
        {
            return await RefuseAsync($"Cannot listen: {e.Message}", CannotListen);
        }
    }

    private static async Task<int> RefuseAsync(string reason, int exitCode)
    {
        await Console.Error.WriteLineAsync(reason.ReplaceLineEndings(" "));
        return exitCode;
    }
}
