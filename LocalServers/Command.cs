using System.Diagnostics;

namespace LocalServers;

/// <summary>A program that is run to its end.</summary>
internal static class Command
{
    /// <summary>The exit code, and standard output and error together. A program that does not exist gives 127.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancellationToken, string? libraryPath = null)
    {
        if (FindOnPath(program) is not { } path)
        {
            return (127, $"{program}: not found");
        }

        using var process = new Process { StartInfo = StartInfo(path, arguments, libraryPath) };
        process.Start();
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, (await output + await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments, string? libraryPath)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            // PGDATA, PGPORT and their like would steer Postgres past the arguments given here.
            start.Environment.Remove(name);
        }

        // Lines of output are compared with English text.
        start.Environment["LC_ALL"] = "C";
        if (libraryPath is { Length: > 0 })
        {
            start.Environment["LD_LIBRARY_PATH"] = libraryPath;
        }

        return start;
    }

    /// <summary>The full path of a program, null when it is nowhere; a path is only checked.</summary>
    public static string? FindOnPath(string program)
    {
        if (program.Contains('/'))
        {
            return Exists(program) ? program : null;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Concat(["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(Exists);
    }

    /// <summary>Whether there is a file; a link whose target is gone, which <see cref="File.Exists"/> counts, is none.</summary>
    public static bool Exists(string path) =>
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is null or { Exists: true };
}
