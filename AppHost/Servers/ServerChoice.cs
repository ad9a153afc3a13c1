using System.Security.Cryptography;
using System.Text;
using GameStack.Contracts.Settings;
using LocalServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GameStack.AppHost.Servers;

/// <summary>Chooses how a local run starts Redis and Postgres: as containers or as programs. A manifest always has containers.</summary>
internal static class ServerChoice
{
    /// <summary>
    /// <c>programs</c> or <c>containers</c>; if not set, containers if a container engine is running, otherwise programs.
    /// </summary>
    private const string Setting = "Servers";

    /// <summary>
    /// The data folder of the programs; its path also determines the names of the containers' volumes. Default <c>artifacts/data</c>.
    /// </summary>
    private const string FolderSetting = "Servers:DataFolder";

    /// <summary>Where missing programs are unpacked; default <c>artifacts/tools</c>.</summary>
    private const string ToolsSetting = "Servers:ToolsFolder";

    private const string Programs = "programs";
    private const string Containers = "containers";

    public static bool IsPrograms(IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsRunMode && Is(builder.Configuration[Setting] ?? "", Programs);

    public static string DataFolder(IDistributedApplicationBuilder builder) => Folder(builder, FolderSetting, "data");

    public static string ToolsFolder(IDistributedApplicationBuilder builder) => Folder(builder, ToolsSetting, "tools");

    /// <summary>The name of a server's volume. In a cluster, each server has its own volume claim, so the name can be the same.</summary>
    public static string Volume(IDistributedApplicationBuilder builder, string server) =>
        builder.ExecutionContext.IsPublishMode ? "data" : Volume(DataFolder(builder), server);

    /// <summary>Each data folder has its own volumes, so two checkouts on one machine do not share data.</summary>
    internal static string Volume(string dataFolder, string server) =>
        $"gamestack-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..10]}-{server}";

    public static LocalServerOptions Options(IDistributedApplicationBuilder builder, string server) => new()
    {
        DataFolder = Path.Combine(DataFolder(builder), server),
        ToolsFolder = ToolsFolder(builder),
        LockPatience = TimeSpan.FromSeconds(30),
        Log = Console.WriteLine,
    };

    /// <summary>Chooses containers or programs, and checks that the choice can run on this machine.</summary>
    /// <exception cref="SettingException">The setting is wrong.</exception>
    /// <exception cref="RunRefusedException">Containers are needed, but no engine is running.</exception>
    /// <exception cref="LocalServerUnavailableException">Programs are needed, but are not installed and cannot be unpacked.</exception>
    public static async Task ChooseAsync(IDistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var wanted = builder.Configuration[Setting]?.Trim() ?? "";
        if (wanted.Length > 0 && !Is(wanted, Programs) && !Is(wanted, Containers))
        {
            throw SettingException.For(Setting, wanted, $"{Programs}, {Containers}, or no value to choose automatically");
        }

        var engine = Is(wanted, Programs) ? null : await ContainerEngine.FindAsync(builder, cancellationToken);
        if (engine is not null)
        {
            builder.Configuration[Setting] = Containers;
            await engine.WaitUntilUnusedAsync(Volume(builder, "redis"), cancellationToken);
            await engine.WaitUntilUnusedAsync(Volume(builder, "postgres"), cancellationToken);

            // First, because Aspire's own service counts as started only once all containers are.
            builder.Services.AddSingleton(engine).Insert(0, ServiceDescriptor.Singleton<IHostedService, ContainerReports>());
            return;
        }

        if (Is(wanted, Containers))
        {
            throw new RunRefusedException($"{Setting}={wanted} needs a container engine (Docker or Podman), but none is running.");
        }

        builder.Configuration[Setting] = Programs;
        await RedisServer.FindProgramsAsync(Options(builder, "redis"), cancellationToken);
        await PostgresServer.FindProgramsAsync(Options(builder, "postgres"), cancellationToken);
    }

    private static bool Is(string wanted, string choice) => string.Equals(wanted, choice, StringComparison.OrdinalIgnoreCase);

    private static string Folder(IDistributedApplicationBuilder builder, string setting, string name) => Path.GetFullPath(
        builder.Configuration[setting]?.Trim() is { Length: > 0 } folder ? folder : Path.Combine("artifacts", name),
        Path.Combine(builder.AppHostDirectory, ".."));
}
