using System.Security.Cryptography;
using GameStack.Contracts.Tickets;

namespace GameStack.Tests.Contracts.Tickets;

public sealed class TicketKeyTests
{
    [Fact]
    public void A_key_is_known_by_its_thumbprint()
    {
        // The key of RFC 7517, A.1. Its thumbprint was computed with another implementation of RFC 7638.
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = System.Buffers.Text.Base64Url.DecodeFromChars("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
                Y = System.Buffers.Text.Base64Url.DecodeFromChars("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
            },
        });

        Assert.Equal("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s", TicketKey.Of(key).Id);
    }

    [Fact]
    public void A_file_may_have_several_keys_public_and_private()
    {
        using var first = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var third = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = $"# of last year\n{first.ExportSubjectPublicKeyInfoPem()}\n{second.ExportPkcs8PrivateKeyPem()}\n"
            + third.ExportECPrivateKeyPem();

        string[] expected = [TicketKey.Of(first).Id, TicketKey.Of(second).Id, TicketKey.Of(third).Id];
        Assert.Equal(expected, TicketKey.ReadPem(pem).Select(key => key.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nc2VjcmV0\n-----END PUBLIC KEY-----")]
    public void A_text_without_a_key_is_an_error(string pem) => Assert.Throws<ArgumentException>(() => TicketKey.ReadPem(pem));

    [Fact]
    public void A_key_on_another_curve_is_an_error()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<ArgumentException>(() => TicketKey.ReadPem(key.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<ArgumentException>(() => TicketKey.ReadPem(key.ExportPkcs8PrivateKeyPem()));
    }

    [Fact]
    public void A_point_off_the_curve_verifies_nothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var bytes = key.ExportSubjectPublicKeyInfo();
        bytes[^1] ^= 1;

        using var broken = new TicketKey("k", bytes);
        Assert.False(broken.Verifies("data"u8, key.SignData("data"u8, HashAlgorithmName.SHA256)));
    }
}
