using GameStack.ServiceDefaults.Listening;
using Microsoft.Extensions.Configuration;

namespace GameStack.Tests.ServiceDefaults.Listening;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("8080 8081 8443", "http_ports=8080;8081", "https_ports=8443")]
    [InlineData("80 5000", "urls=http://*:5000;https://[::]:80/", "http_ports=8080")]
    [InlineData("443 8080", "Kestrel:Endpoints:a:Url=https://+", "Kestrel:Endpoints:b:Url=http://127.0.0.1:8080", "urls=http://*:5000")]
    [InlineData("")]
    public void The_ports_are_those_that_the_server_takes(string ports, params string[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings
            .Select(setting => setting.Split('=', 2))
            .Select(parts => KeyValuePair.Create(parts[0], (string?)parts[1]))).Build();

        Assert.Equal(ports, string.Join(' ', ListenAddresses.PortsOf(configuration).Order()));
    }
}
