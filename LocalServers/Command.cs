using System.Diagnostics;

namespace LocalServers;

/// <summary>Runs a program and waits for it to end.</summary>
internal static class Command
{
    /// <summary>Returns the exit code, and standard output and standard error combined. A missing program gives 127.</summary>
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
            // PGDATA, PGPORT and similar variables would configure Postgres in addition to the arguments given here.
            start.Environment.Remove(name);
        }

        // Callers look for English text in the output.
        start.Environment["LC_ALL"] = "C";
        if (libraryPath is { Length: > 0 })
        {
            start.Environment["LD_LIBRARY_PATH"] = libraryPath;
        }

        return start;
    }

    /// <summary>The full path of a program, or null if it is not found. A path is only checked, not searched for.</summary>
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

    /// <summary>Whether the file exists. Unlike <see cref="File.Exists"/>, returns false for a link whose target is missing.</summary>
    public static bool Exists(string path) =>
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is null or { Exists: true };
}
