using System.Security.Cryptography;
using System.Text;
using LocalServers;

namespace GameStack.AppHost.Servers;

/// <summary>How a run on this machine has Redis and Postgres: as containers, or as programs. A manifest always has containers.</summary>
internal static class ServerChoice
{
    /// <summary><c>programs</c> or <c>containers</c>; not set: containers where a container engine runs, else programs.</summary>
    public const string Setting = "Servers";

    /// <summary>What programs keep between runs, and what tells the containers' volumes apart; default <c>artifacts/data</c>.</summary>
    public const string FolderSetting = "Servers:DataFolder";

    /// <summary>Where programs that the machine lacks are unpacked; default <c>artifacts/tools</c>.</summary>
    public const string ToolsSetting = "Servers:ToolsFolder";

    private const string Programs = "programs";
    private const string Containers = "containers";

    public static bool IsPrograms(IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsRunMode && string.Equals(builder.Configuration[Setting], Programs, StringComparison.OrdinalIgnoreCase);

    public static string DataFolder(IDistributedApplicationBuilder builder) => Folder(builder, FolderSetting, "data");

    /// <summary>The name of a server's volume. In a cluster it is a claim of the one server's own.</summary>
    public static string Volume(IDistributedApplicationBuilder builder, string server) =>
        builder.ExecutionContext.IsPublishMode ? "data" : Volume(DataFolder(builder), server);

    /// <summary>A volume of the data folder's own: two checkouts on one machine do not meet.</summary>
    internal static string Volume(string dataFolder, string server) =>
        $"gamestack-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..10]}-{server}";

    public static LocalServerOptions Options(IDistributedApplicationBuilder builder, string server) => new()
    {
        DataFolder = Path.Combine(DataFolder(builder), server),
        ToolsFolder = Folder(builder, ToolsSetting, "tools"),
        LockPatience = TimeSpan.FromSeconds(30),
        Log = Console.WriteLine,
    };

    /// <summary>Decides, and makes sure that what was decided can be had.</summary>
    /// <exception cref="RunRefusedException">The setting is wrong.</exception>
    /// <exception cref="LocalServerUnavailableException">There is neither a container engine nor a way to the programs.</exception>
    public static async Task ChooseAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var choice = builder.Configuration[Setting] switch
        {
            null or "" => await ContainerEngine.IsRunningAsync(builder, cancellationToken) ? Containers : Programs,
            var text when string.Equals(text, Programs, StringComparison.OrdinalIgnoreCase) => Programs,
            var text when string.Equals(text, Containers, StringComparison.OrdinalIgnoreCase) =>
                await ContainerEngine.IsRunningAsync(builder, cancellationToken)
                    ? Containers
                    : throw new RunRefusedException($"{Setting}={text} needs a container engine (Docker or Podman), and none is running."),
            var text => throw new RunRefusedException($"{Setting} is \"{text}\"; expected {Programs} or {Containers}, or no value to use containers where a container engine runs."),
        };
        builder.Configuration[Setting] = choice;
        if (choice == Programs)
        {
            await RedisServer.FindProgramsAsync(Options(builder, "redis"), cancellationToken);
            await PostgresServer.FindProgramsAsync(Options(builder, "postgres"), cancellationToken);
        }
    }

    private static string Folder(IDistributedApplicationBuilder builder, string setting, string name) => Path.GetFullPath(
        builder.Configuration[setting] is { Length: > 0 } folder ? folder : Path.Combine("..", "artifacts", name), builder.AppHostDirectory);
}
