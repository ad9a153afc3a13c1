using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>Reads the state of a stopped Postgres from its files.</summary>
internal static class PostgresFiles
{
    // pg_control begins with the system's id (8 bytes) and two versions (4 each); then comes the state, where 1 is "shut down".
    // Source: src/include/catalog/pg_control.h of PostgreSQL, the same from 9.3 to 18.
    private const int StateOffset = 16;
    private const int ShutDown = 1;

    public static async Task<bool> AreShutDownAsync(TestFolder data)
    {
        var control = await File.ReadAllBytesAsync(
            Path.Combine(data.Path, "postgres", "data", "global", "pg_control"), TestContext.Current.CancellationToken);
        return BitConverter.ToInt32(control, StateOffset) == ShutDown;
    }
}
