using GameStack.Backend.Access;
using GameStack.Contracts.Settings;
using GameStack.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.Tests.Backend.Access;

public sealed class AccessExtensionsTests : IDisposable
{
    private const string Keys = "Players:KeyFile";
    private const string Jwt = "Players:Authentication=Jwt";
    private const string Issuer = "Players:Issuer=issuer";
    private const string Audience = "Players:Audience=gamestack";
    private const string Authority = "Players:Authority=https://accounts.example.com";
    private const string SchemeAuthority = "Authentication:Schemes:Bearer:Authority";
    private const string SourceExpected = "Players__Authority or Players__KeyFile with it, or else None.";
    private const string KeysExpected =
        "a readable file with public keys (PEM or JSON Web Key Set), or several, separated by commas.";

    private readonly TestFolder _folder = new();
    private readonly TestIssuer _issuer = new();

    public void Dispose()
    {
        _folder.Dispose();
        _issuer.Dispose();
    }

    [Theory]
    [InlineData("Development", false)]
    [InlineData("Development", false, "Players:Authentication=none")]
    [InlineData("Production", false, "Players:Authentication=None")]
    [InlineData("Production", true, Authority, Audience)]
    [InlineData("Development", true, Jwt, "Players:Authority=http://localhost:8180", Audience)]
    public void Outside_of_Development_players_need_tokens_by_default(string environment, bool isRequired, params string[] settings) =>
        Assert.Equal(isRequired, Build(environment, settings).IsRequired);

    [Theory]
    [InlineData("Production", "Players__Authentication is not set; expected Jwt and " + SourceExpected)]
    [InlineData("Production", "Players__Authentication is \"Jwt\"; expected " + SourceExpected, Jwt)]
    [InlineData("Development", "Players__Authentication is \"Jwt\"; expected " + SourceExpected, Jwt, Audience, Issuer)]
    [InlineData("Production", "Players__Audience is not set; expected the audience of the players' tokens.", Jwt, Authority)]
    [InlineData("Production", "Players__Issuer is not set; expected the issuer of the players' tokens.", Jwt, Keys + "=k", Audience)]
    [InlineData(
        "Production", "Players__Authority is \"http://accounts.example.com\"; expected an https:// URL.",
        Jwt, "Players:Authority=http://accounts.example.com", Audience)]
    [InlineData(
        "Production", "Authentication__Schemes__Bearer__Authority is \"http://accounts.example.com\"; expected an https:// URL.",
        Jwt, SchemeAuthority + "=http://accounts.example.com", Audience)]
    [InlineData(
        "Development", "Authentication__Schemes__Bearer__Authority is \"accounts.example.com\"; expected an https:// URL.",
        Jwt, SchemeAuthority + "=accounts.example.com", Audience)]
    [InlineData(
        "Production", "Players__Authentication is \"Jwt\"; expected " + SourceExpected, Jwt, SchemeAuthority + "= ", Issuer, Audience)]
    [InlineData(
        "Production", "Players__ClockSkew is \"01:00:01\"; expected a time from 00:00:00 to 01:00:00.", "Players:ClockSkew=01:00:01")]
    [InlineData("Production", "Players__KeyFile is \"/no/such/key\"; expected " + KeysExpected, Keys + "=/no/such/key", Issuer, Audience)]
    [InlineData("Production", "Players__KeyFile is \"/etc/hostname\"; expected " + KeysExpected, Keys + "=/etc/hostname", Issuer, Audience)]
    [InlineData("Production", "Players__KeyFile is \",\"; expected " + KeysExpected, Keys + "=,", Issuer, Audience)]
    public void A_wrong_setting_is_named_at_the_start(string environment, string expected, params string[] settings) =>
        Assert.Equal(expected, Assert.Throws<SettingException>(() => Build(environment, settings)).Message);

    [Fact]
    public void Keys_are_public_ones_in_PEM_or_in_a_set()
    {
        string[] files = [Write("a", _issuer.PublicPem), Write("b", _issuer.KeySet)];

        Assert.True(Build("Production", [$"{Keys}={string.Join(", ", files)}", Issuer, Audience]).IsRequired);
        Assert.All(
            [_issuer.PrivatePem, """{"keys":[]}""", """{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}""", "{", "[]"],
            text => Assert.Throws<SettingException>(() => Build("Production", [$"{Keys}={Write("c", text)}", Issuer, Audience])));
    }

    private static PlayerIdentity Build(string environment, string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => setting.Split('=')).Select(parts => KeyValuePair.Create<string, string?>(parts[0], parts[1])));
        builder.AddPlayerAccess();
        using var host = builder.Build();
        return host.Services.GetRequiredService<PlayerIdentity>();
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.Path, name);
        File.WriteAllText(file, text);
        return file;
    }
}
