using System.Globalization;

namespace GameStack.Tests.Support;

/// <summary>The load tester as a process of its own.</summary>
internal static class LoadTesterRun
{
    /// <summary>Runs it to its end against the proxy at <paramref name="door"/>; every client must be matched and play.</summary>
    /// <param name="door">The proxy.</param>
    /// <param name="clients">The number of players.</param>
    /// <param name="through">How they reach their game servers.</param>
    /// <param name="gateway">The gateway's address, if they play through it.</param>
    public static async Task PlayAsync(Uri door, int clients, string through = "direct", string? gateway = null)
    {
        await using var loadTester = Start(door, clients, ("PLAY_THROUGH", through), ("GATEWAY_ADDRESS", gateway));
        await FinishAsync(loadTester, clients);
    }

    /// <param name="door">The proxy.</param>
    /// <param name="clients">The number of players.</param>
    /// <param name="more">Environment variables besides.</param>
    public static RunningProgram Start(Uri door, int clients, params (string Name, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["CLIENTS"] = clients.ToString(CultureInfo.InvariantCulture),
            ["TARGET_URL"] = door.ToString().TrimEnd('/'),
            ["MATCH_DURATION"] = "5", // Shorter ones end on a busy machine before all their players know about them.
        };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return RunningProgram.Start("LoadTester", settings);
    }

    /// <summary>Waits for its end; every client must have been matched and have played.</summary>
    public static async Task FinishAsync(RunningProgram loadTester, int clients)
    {
        var exitCode = await loadTester.WaitForExitAsync($"playing {clients} clients", Waits.Start);

        if (exitCode != 0)
        {
            throw loadTester.Failure($"it ended with {exitCode}");
        }

        Assert.Equal($"matched {clients}, played {clients}, failed 0", loadTester.Lines.Last(line => line.Length > 0));
    }
}
