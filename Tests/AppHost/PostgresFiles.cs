using System.Globalization;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>Reads the state of the AppHost's Postgres from its files.</summary>
internal static class PostgresFiles
{
    // pg_control begins with the system's id (8 bytes) and two versions (4 each); then comes the state, where 1 is "shut down".
    // Source: src/include/catalog/pg_control.h of PostgreSQL, the same from 9.3 to 18.
    private const int StateOffset = 16;
    private const int ShutDown = 1;

    /// <summary>The process id of the running server.</summary>
    public static async Task<int> ServerIdAsync(TestFolder data)
    {
        var lines = await File.ReadAllLinesAsync(
            Path.Combine(data.Path, "postgres", "data", "postmaster.pid"), TestContext.Current.CancellationToken);
        return int.Parse(lines[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Whether the server, which is stopped, has shut down cleanly.</summary>
    public static async Task<bool> AreShutDownAsync(TestFolder data)
    {
        var control = await File.ReadAllBytesAsync(
            Path.Combine(data.Path, "postgres", "data", "global", "pg_control"), TestContext.Current.CancellationToken);
        return BitConverter.ToInt32(control, StateOffset) == ShutDown;
    }
}
