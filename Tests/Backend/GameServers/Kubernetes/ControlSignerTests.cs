using System.Security.Cryptography;
using GameStack.Backend.GameServers.Kubernetes;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class ControlSignerTests
{
    [Fact]
    public void Each_pod_has_a_token_of_its_own()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = new ControlSigner(key.ExportPkcs8PrivateKeyPem());

        Assert.NotEqual(signer.TokenFor(GameServerPod.Of(TestPods.Standby())), signer.TokenFor(GameServerPod.Of(TestPods.Standby())));
    }

    [Fact]
    public void What_is_no_private_key_on_P256_is_an_error()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Throws<ArgumentException>(() => new ControlSigner("secret"));
        Assert.Throws<ArgumentException>(() => new ControlSigner(key.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<ArgumentException>(() => new ControlSigner(larger.ExportPkcs8PrivateKeyPem()));
    }
}
