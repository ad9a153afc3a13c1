using System.Reflection;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;

namespace Aspire.Hosting;

public sealed class DistributedApplication
{
    private readonly DistributedApplicationBuilder _builder;

    internal DistributedApplication(DistributedApplicationBuilder builder) => _builder = builder;

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        new DistributedApplicationBuilder(args, Assembly.GetEntryAssembly() ?? typeof(DistributedApplication).Assembly);

    /// <summary>Writes the manifest when <c>--publisher manifest</c> asks for it, else runs the graph until it is told to end.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_builder.ExecutionContext.IsPublishMode)
        {
            var path = ManifestWriter.Publish(_builder);
            await Console.Out.WriteLineAsync($"Published manifest to: {path}");
            return;
        }

        await using var run = new ApplicationRun(_builder, RunConsole.Create(), RunCommands.Input());
        if (!await run.RunAsync(cancellationToken))
        {
            Environment.ExitCode = 1;
        }
    }
}
