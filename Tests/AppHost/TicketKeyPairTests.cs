using System.Runtime.Versioning;
using System.Security.Cryptography;
using GameStack.AppHost;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

[UnsupportedOSPlatform("windows")]
public sealed class TicketKeyPairTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TicketKeyPair _pair;

    public TicketKeyPairTests() =>
        _pair = new TicketKeyPair(Path.Combine(_folder.Path, "tickets", "private"), Path.Combine(_folder.Path, "tickets", "public"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_files_are_the_halves_of_one_key_and_only_this_user_can_read_them()
    {
        _pair.Create();

        Assert.Equal(IdIn(_pair.PrivateKeyFile), IdIn(_pair.PublicKeyFile));
        Assert.Contains("PRIVATE KEY", File.ReadAllText(_pair.PrivateKeyFile), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", File.ReadAllText(_pair.PublicKeyFile), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_pair.PrivateKeyFile));
    }

    [Fact]
    public void The_next_run_has_the_same_key()
    {
        _pair.Create();
        var id = IdIn(_pair.PrivateKeyFile);
        File.Delete(_pair.PublicKeyFile);

        _pair.Create();

        Assert.Equal((id, id), (IdIn(_pair.PrivateKeyFile), IdIn(_pair.PublicKeyFile)));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_folder.Path, "tickets")).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIGH")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----")]
    public void A_damaged_key_is_refused_with_what_to_do(string text) => AssertRefused(text);

    [Fact]
    public void A_key_that_cannot_sign_tickets_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var otherCurve = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        AssertRefused(key.ExportSubjectPublicKeyInfoPem());
        AssertRefused(otherCurve.ExportPkcs8PrivateKeyPem());
    }

    private void AssertRefused(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_pair.PrivateKeyFile)!);
        File.WriteAllText(_pair.PrivateKeyFile, text);

        Assert.Equal(
            $"{_pair.PrivateKeyFile} has no private key (P-256, PEM): delete this file, and the next run creates a new key pair.",
            Assert.Throws<RunRefusedException>(_pair.Create).Message);
    }

    private static string IdIn(string file) => Assert.Single(TicketKey.ReadPem(File.ReadAllText(file))).Id;
}
