using System.IO.Pipelines;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using GameStack.Tests.Infrastructure;

namespace GameStack.Tests.AppHost;

/// <summary>A graph of shell scripts in the place of projects, run as the AppHost runs its own.</summary>
internal sealed class TestGraph : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Pipe _typed = new();
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task<bool>? _run;

    public TestGraph(params string[] settings)
    {
        _metadata["apphostprojectpath"] = _folder.Path;
        Builder = new DistributedApplicationBuilder(["--Fallback:Dashboard=false", .. settings], _metadata);
    }

    public DistributedApplicationBuilder Builder { get; }

    public OutputLines Output { get; } = new();

    public IResourceBuilder<ProjectResource> AddScript(string name, string script)
    {
        var project = Path.Combine(_folder.Path, name, $"{name}.csproj");
        var program = Path.ChangeExtension(project, null);
        Directory.CreateDirectory(Path.GetDirectoryName(project)!);
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _metadata[$"program:{project}"] = $"{program}.dll";
        return Builder.AddResource(new ProjectResource(name, project));
    }

    public void Start()
    {
        var run = new ApplicationRun(Builder, new RunConsole(Output, colored: false), new StreamReader(_typed.Reader.AsStream()));
        _run = RunAsync(run);
    }

    public async Task TypeAsync(string command)
    {
        await using var writer = new StreamWriter(_typed.Writer.AsStream(leaveOpen: true));
        await writer.WriteLineAsync(command);
    }

    /// <summary>Tells the run to end, as Ctrl+C does; true when that is why it ended.</summary>
    public async Task<bool> EndAsync()
    {
        await _end.CancelAsync();
        return await EndedAsync();
    }

    public Task<bool> EndedAsync() => _run!.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_run is not null)
        {
            await EndAsync();
        }

        _end.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> RunAsync(ApplicationRun run)
    {
        await using (run)
        {
            return await run.RunAsync(_end.Token);
        }
    }
}
