using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Contracts.Settings;
using GameStack.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Tickets;

public sealed class TicketsExtensionsTests : IDisposable
{
    private const string KeysExpected = "a readable file with P-256 private keys (PEM), or several, separated by commas.";

    private readonly TestFolder _folder = new();
    private readonly TestTickets _tickets = new();
    private readonly string _keyFile;

    public TicketsExtensionsTests()
    {
        _keyFile = Path.Combine(_folder.Path, "key");
        File.WriteAllText(_keyFile, _tickets.PrivatePem);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _tickets.Dispose();
    }

    [Theory]
    [InlineData("Production", false, null, "Optional")]
    [InlineData("Production", true, null, "Required")]
    [InlineData("Production", true, "Optional", "Optional")]
    [InlineData("Development", true, null, "Optional")]
    [InlineData("Development", true, "Required", "Required")]
    public void Where_there_is_a_key_tickets_are_required_outside_of_Development(
        string environment, bool hasKey, string? setting, string expected)
    {
        using var host = Build(environment, ("Tickets:KeyFile", hasKey ? _keyFile : null), ("GameServers:Tickets", setting));

        Assert.Equal(expected, host.Services.GetRequiredService<IOptions<GameServersOptions>>().Value.Tickets.ToString());
    }

    [Theory]
    [InlineData("GameServers:Tickets", "Required", "Optional while Tickets__KeyFile is not set.")]
    [InlineData("GameServers:ReconnectSeconds", "0", "a number from 1 to 3600.")]
    [InlineData("Tickets:KeyFile", "/nowhere/key", KeysExpected)]
    [InlineData("Tickets:KeyFile", "/etc/hostname", KeysExpected)]
    [InlineData("Tickets:ClockSkew", "-00:00:01", "a time from 00:00:00 to 01:00:00.")]
    public void A_wrong_setting_is_named_at_the_start(string name, string value, string expected)
    {
        var error = Assert.Throws<SettingException>(() => Build("Development", (name, value)));

        Assert.Equal($"{name.Replace(":", "__", StringComparison.Ordinal)} is \"{value}\"; expected {expected}", error.Message);
    }

    private static IHost Build(string environment, params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => new KeyValuePair<string, string?>(setting.Name, setting.Value)));
        builder.Services.AddSingleton(BackendIdentity.Create("backend-1"));
        builder.AddMatchLife();
        builder.AddGameServerFleet();
        return builder.Build();
    }
}
