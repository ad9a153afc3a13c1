using System.Security.Cryptography;
using System.Text;
using GameStack.Contracts;
using GameStack.Contracts.Lines;
using GameStack.Contracts.Settings;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Control;

/// <summary>Servers that check tokens with a public key, as pods do.</summary>
public sealed class ControlSignatureTests : IDisposable
{
    private const string Subject = "6f1f3f0a-0c5f-4b55-8b39-0c9c1c1c0f0e";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task The_token_that_was_signed_for_this_server_is_let_in()
    {
        await using var server = await StartAsync();
        await using var control = await LineClient.ConnectAsync(server.ControlPort);

        Assert.Equal("OK", await control.AskAsync($"AUTH {Sign(_key, Subject)}"));
        Assert.Equal("STANDBY", await control.AskAsync("SESSION"));
    }

    [Fact]
    public async Task No_other_token_is()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = await StartAsync();
        string[] tokens =
        [
            Sign(_key, "another pod"), Sign(other, Subject), "", "secret", Convert.ToBase64String(new byte[64]), Sign(_key, Subject)[..^4],
            Sign(_key, Subject) + "AAAA", new('=', 88),
        ];
        foreach (var token in tokens)
        {
            await using var control = await LineClient.ConnectAsync(server.ControlPort);
            Assert.Equal("DENIED", await control.AskAsync($"AUTH {token}"));
        }
    }

    [Fact]
    public async Task A_plain_token_is_of_no_use_where_there_is_a_key()
    {
        await using var server = await StartAsync((GameServerSettings.ControlToken, "secret"));
        await using var control = await LineClient.ConnectAsync(server.ControlPort);

        Assert.Equal("DENIED", await control.AskAsync("AUTH secret"));
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("c2VjcmV0")]
    public async Task What_is_no_public_key_is_named_at_the_start(string key)
    {
        await using var server = GameServerProcess.Start(
            (GameServerSettings.ControlPort, "0"),
            (GameServerSettings.ControlPublicKey, key),
            (GameServerSettings.ControlSubject, Subject));

        Assert.Equal(SettingException.ExitCode, await server.ExitAsync());
        Assert.StartsWith(GameServerSettings.ControlPublicKey, await server.ReadErrorsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_without_a_subject_is_an_error()
    {
        await using var server = GameServerProcess.Start(
            (GameServerSettings.ControlPort, "0"), (GameServerSettings.ControlPublicKey, PublicKey));

        Assert.Equal(SettingException.ExitCode, await server.ExitAsync());
        Assert.Contains(GameServerSettings.ControlSubject, await server.ReadErrorsAsync(), StringComparison.Ordinal);
    }

    private string PublicKey => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo());

    private Task<GameServerProcess> StartAsync(params (string Name, string Value)[] settings) => GameServerProcess.StartStandbyAsync(
        [(GameServerSettings.ControlPublicKey, PublicKey), (GameServerSettings.ControlSubject, Subject), .. settings]);

    private static string Sign(ECDsa key, string subject) =>
        Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(ControlSignatures.MessageFor(subject)), HashAlgorithmName.SHA256));
}
