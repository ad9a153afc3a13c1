using System.Globalization;
using GameStack.Backend.Life;
using GameStack.Tests.Support.Faults;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(FaultStartup))]

namespace GameStack.Tests.Support.Faults;

/// <summary>
/// Fault injection for a real backend process. The process loads this assembly (<see cref="StartupHook"/>), and ASP.NET Core runs this
/// class, because of the environment that <see cref="EnvironmentFor"/> gives it. Nothing in the product knows of it.
/// </summary>
public sealed class FaultStartup : IHostingStartup
{
    /// <summary>The environment variables of a backend that is to fail.</summary>
    /// <param name="step">The name of the step at which it fails, such as <c>Claimed</c>.</param>
    /// <param name="action">What happens there.</param>
    /// <param name="after">How many times the step is reached until it happens.</param>
    public static (string Name, string Value)[] EnvironmentFor(string step, FaultAction action, int after = 1) =>
    [
        ("DOTNET_STARTUP_HOOKS", typeof(FaultStartup).Assembly.Location),
        ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(FaultStartup).Assembly.GetName().Name!),
        ("Faults__Step", step),
        ("Faults__Action", action.ToString()),
        ("Faults__After", after.ToString(CultureInfo.InvariantCulture)),
    ];

    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices((context, services) =>
    {
        // ASP.NET Core also runs this class in the tests' own process, where nothing is to fail.
        var faults = context.Configuration.GetSection("Faults");
        if (faults["Step"] is { } step)
        {
            services.AddSingleton<IMatchListener>(new FaultListener(step, faults.GetValue<FaultAction>("Action"),
                faults.GetValue<int>("After")));
        }
    });
}
