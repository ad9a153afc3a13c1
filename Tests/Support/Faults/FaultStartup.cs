using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GameStack.Backend.Faults;

public static class FaultPointsExtensions
{
    /// <summary>Adds <see cref="IFaultPoints"/>, which do nothing unless <c>Faults:Step</c> is set. May be called again.</summary>
    /// <exception cref="PlatformNotSupportedException">A fault is set on a system without signals.</exception>
    public static TBuilder AddFaultPoints<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (string.IsNullOrEmpty(builder.Configuration[$"{FaultsOptions.Section}:{nameof(FaultsOptions.Step)}"]))
        {
            services.TryAddSingleton<IFaultPoints, NoFaultPoints>();
            return builder;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Faults:Step needs signals, which Windows has not.");
        }

        if (services.Any(service => service.ServiceType == typeof(SetFaultPoint)))
        {
            return builder;
        }

        services.AddOptions<FaultsOptions>().BindConfiguration(FaultsOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SetFaultPoint>();
        services.AddSingleton<IFaultPoints>(provider => provider.GetRequiredService<SetFaultPoint>());
        services.AddHostedService(provider => provider.GetRequiredService<SetFaultPoint>());
        return builder;
    }
}
