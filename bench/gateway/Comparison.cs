using System.Globalization;
using System.Text;

namespace GameStack.Bench.Gateway;

/// <summary>Measures all targets, one after the other, and prints a table.</summary>
internal static class Comparison
{
    public static async Task RunAsync(
        TimeSpan duration, int connections, int idle, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("gamestack-gateway-").FullName;
        using var tickets = new Tickets();
        await File.WriteAllTextAsync(Path.Combine(folder, "tickets.pem"), tickets.PublicPem, cancellationToken);

        // Signed beforehand: signing is the work of backends.
        string[] signed = [.. Enumerable.Range(0, MatchPorts.Count).Select(tickets.Sign)];
        using var matches = Target.Start(Environment.ProcessPath!, "matches");
        try
        {
            await Player.WaitUntilListeningAsync(MatchPorts.First + MatchPorts.Count - 1);
            Console.WriteLine("| | echo p50 | p99 | p99.9 ms | 1 connection | 100 connections MB/s | idle KiB | set-ups/s |");
            Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|");
            foreach (var name in names)
            {
                Console.WriteLine(await MeasureAsync(name, folder, duration, connections, idle, Opening, cancellationToken));
            }
        }
        finally
        {
            matches.Kill();
            Directory.Delete(folder, recursive: true);
        }

        byte[] Opening(int match, string what) => Encoding.ASCII.GetBytes($"JOIN {signed[match % signed.Length]}\n{what}\n");
    }

    private static async Task<string> MeasureAsync(
        string name, string folder, TimeSpan duration, int connections, int idleConnections, Func<int, string, byte[]> opening,
        CancellationToken cancellationToken)
    {
        double[] echoes;
        double one, hundred, setUps, idle;
        using (var target = await Target.StartAsync(name, folder))
        {
            var measures = new Measures(target, opening, duration);
            echoes = await measures.EchoAsync(connections);
            one = await measures.ThroughputAsync(connections: 1);
            hundred = await measures.ThroughputAsync(connections: 100);
            await TrackedConnections.WaitUntilFewAsync(cancellationToken);
            setUps = await measures.SetUpsAsync();
        }

        // A program of its own, since the other measurements leave free memory behind.
        using (var target = await Target.StartAsync(name, folder))
        {
            idle = await new Measures(target, opening, duration).IdleBytesAsync(idleConnections);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {At(echoes, 0.5):0.00} | {At(echoes, 0.99):0.00} | {At(echoes, 0.999):0.00} "
                + $"| {one / 1e6:0} | {hundred / 1e6:0} | {idle / 1024:0.0} | {setUps:0} |");
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)(sorted.Length * share)];
}
