using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.Deploy;

/// <summary>The programs that the manifest tests run.</summary>
internal static class DeployTools
{
    /// <summary>Skips the test if <paramref name="program"/> is not on the PATH, or fails it if <c>CI</c> is <c>true</c>.</summary>
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
