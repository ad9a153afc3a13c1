using GameStack.Tests.Infrastructure;
using LocalServers;

namespace GameStack.Tests.Deploy;

/// <summary>Programs that the tests of the manifests run.</summary>
internal static class DeployTools
{
    /// <summary>Skips the test where <paramref name="program"/> is not on the PATH; where <c>CI</c> is <c>true</c> the test fails.</summary>
    public static void Require(string program, string purpose)
    {
        if (Command.FindOnPath(program) is null)
        {
            var reason = $"{program} is not on the PATH, and {purpose}.";
            Assert.SkipUnless(LocalServerFixture.MustRun, reason);
            Assert.Fail(reason);
        }
    }
}
