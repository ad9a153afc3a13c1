using System.Diagnostics;
using System.Globalization;
using System.Net;
using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Bench.Matches;

/// <summary>
/// A program that has just been started: when it first answers a join, and how many joins it answers in its first ten seconds. As its build
/// leaves it, where everything is compiled while it runs, and as published, compiled ahead.
/// </summary>
internal static class FreshStarts
{
    private const int Callers = 32;

    private static readonly TimeSpan FirstSeconds = TimeSpan.FromSeconds(10);

    private static int _names;

    public static async Task MeasureAsync(BenchPrograms programs, BenchStores stores)
    {
        Console.WriteLine();
        Console.WriteLine("| fresh program | first answer ms | joins/s in the first 10 s |");
        Console.WriteLine("|---|--:|--:|");
        foreach (var (kind, folderOf) in new (string, Func<string, string>)[]
        {
            ("built", programs.BuiltFolder), ("published", programs.PublishedFolder),
        })
        {
            var (backendPort, proxyPort) = (FreePort.Next(), FreePort.Next());
            var paused = await stores.PausedAsync();
            await using var backend = await RowAsync(
                $"backend, {kind}", () => programs.StartBackend(folderOf("Backend"), backendPort, paused),
                $"http://127.0.0.1:{backendPort}");
            await using var proxy = await RowAsync(
                $"proxy, {kind}", () => programs.StartProxy(folderOf("Proxy"), proxyPort, backendPort),
                $"http://127.0.0.1:{proxyPort}/api/");
        }
    }

    private static async Task<RunningProgram> RowAsync(string name, Func<RunningProgram> start, string url)
    {
        using var client = new ContractClient(new Uri(url));
        var begun = Stopwatch.GetTimestamp();
        var program = start();
        while (!await JoinAsync(client))
        {
            await Task.Delay(2);
        }

        var first = Stopwatch.GetElapsedTime(begun);
        var joins = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(begun) - first < FirstSeconds)
            {
                if (await JoinAsync(client))
                {
                    Interlocked.Increment(ref joins);
                }
            }
        }));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {first.TotalMilliseconds:0} | {joins / FirstSeconds.TotalSeconds:0} |"));
        return program;
    }

    private static async Task<bool> JoinAsync(ContractClient client)
    {
        try
        {
            var answer = await client.JoinAsync($"fresh-{Interlocked.Increment(ref _names)}", CancellationToken.None);
            return answer.Code == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false; // Nobody listens yet.
        }
    }
}
