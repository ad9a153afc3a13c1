using System.Diagnostics;
using System.Globalization;

namespace GameStack.Tests.Support;

/// <summary>The processes of this machine, from /proc.</summary>
public static class ProcessTable
{
    /// <summary>
    /// All that carry <paramref name="mark"/> in their environment, which a process keeps when its parent dies, and all that those started.
    /// </summary>
    public static IReadOnlyList<ProcessEntry> Find(string mark)
    {
        var all = ReadAll();
        var found = all.Where(process => HasInEnvironment(process.Id, mark)).ToDictionary(process => process.Id);
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            foreach (var process in all.Where(process => found.ContainsKey(process.Parent)))
            {
                found.TryAdd(process.Id, process);
            }
        }

        return [.. found.Values.OrderBy(process => process.Id)];
    }

    /// <summary>The processes that this one has started and that run.</summary>
    public static IReadOnlyList<ProcessEntry> Children(int id) => [.. ReadAll().Where(process => process.Parent == id)];

    /// <summary>The process, or null when there is none that runs (a zombie does not).</summary>
    public static ProcessEntry? Read(int id)
    {
        try
        {
            // 4711 (postgres: io worker) S 4700 4711 …
            // The name in brackets may hold anything; the fields after it start with the state.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X")
            {
                return null;
            }

            var command = File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').Trim();
            return new ProcessEntry(
                id,
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture),
                command);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Kills this very process, if it still runs.</summary>
    public static void Kill(ProcessEntry process)
    {
        ArgumentNullException.ThrowIfNull(process);
        try
        {
            using var running = Process.GetProcessById(process.Id);
            if (process.IsRunning)
            {
                running.Kill();
            }
        }
        catch (ArgumentException)
        {
            // Gone by itself.
        }
    }

    private static List<ProcessEntry> ReadAll() =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? Read(id) : null)
            .OfType<ProcessEntry>()];

    private static bool HasInEnvironment(int id, string mark)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Contains(mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
