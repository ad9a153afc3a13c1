using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GameStack.Backend.Tickets;

internal static class TicketsExtensions
{
    /// <summary>
    /// Adds the signer of match tickets, which has nothing to do without <see cref="TicketsOptions.KeyFile"/>. Returns its settings.
    /// </summary>
    /// <exception cref="SettingException">A setting is wrong.</exception>
    public static TicketsOptions AddTickets(this IHostApplicationBuilder builder)
    {
        var options = builder.AddSettings<TicketsOptions>(TicketsOptions.Section);
        CheckKeys(options);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<TicketSigner>();
        builder.Services.AddHostedService<UnprovedPlayers>();
        return options;
    }

    private static void CheckKeys(TicketsOptions options)
    {
        try
        {
            var keys = options.ReadKeys();
            foreach (var key in keys)
            {
                key.Dispose();
            }

            // Nothing but commas is no key: it would let every player in where tickets are required.
            if (keys.Count > 0 || !options.HasKey)
            {
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Reported below.
        }

        throw SettingException.For(
            $"{TicketsOptions.Section}:{nameof(options.KeyFile)}", options.KeyFile,
            "a readable file with P-256 private keys (PEM), or several, separated by commas");
    }
}
