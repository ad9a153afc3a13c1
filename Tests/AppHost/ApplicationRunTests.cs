using Aspire.Hosting;
using Aspire.Hosting.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.AppHost;

public sealed class ApplicationRunTests
{
    private const string UntilTold = "trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.05; done";

    [Fact]
    public async Task A_resource_starts_when_what_it_waits_for_is_there()
    {
        await using var graph = new TestGraph();
        var there = new TaskCompletionSource<StartResult>();
        var first = graph.Builder.AddResource(new TestResource("first", there.Task));
        graph.AddScript("second", "echo up; exec sleep 600").WaitFor(first);
        graph.Start();

        await graph.Output.WaitForAsync("Waiting (first)");
        Assert.DoesNotContain(graph.Output.All(), line => line.EndsWith("| up", StringComparison.Ordinal));
        there.SetResult(TestResource.Lives);
        await graph.Output.WaitForAsync("second   | up");
    }

    [Fact]
    public async Task A_resource_is_there_when_its_health_check_is_answered_with_200()
    {
        var answer = 503;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var service = builder.Build();
        service.MapGet("/health", () =>
        {
            asked.TrySetResult();
            return Results.StatusCode(Volatile.Read(ref answer));
        });
        await service.StartAsync(TestContext.Current.CancellationToken);

        await using var graph = new TestGraph();
        var first = graph.Builder.AddResource(new TestResource("first", Task.FromResult(TestResource.Lives)))
            .WithHttpEndpoint(port: new Uri(service.Urls.Single()).Port)
            .WithHttpHealthCheck("/health");
        graph.AddScript("second", "echo up; exec sleep 600").WaitFor(first);
        graph.Start();

        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await graph.Output.WaitForAsync("Waiting (first)");
        Assert.DoesNotContain(graph.Output.All(), line => line.EndsWith("| up", StringComparison.Ordinal));
        Volatile.Write(ref answer, 200);
        await graph.Output.WaitForAsync("second   | up");
    }

    [Fact]
    public async Task A_program_that_dies_is_shown_with_its_exit_code()
    {
        await using var graph = new TestGraph();
        graph.AddScript("fails", "exit 3");
        graph.AddScript("works", "exit 0");
        graph.Start();

        await graph.Output.WaitForAsync("| exited with code 3");
        await graph.Output.WaitForAsync("Exited (code 3)");
        await graph.Output.WaitForAsync("Finished (code 0)");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_shown_as_such()
    {
        await using var graph = new TestGraph();
        var missing = graph.AddScript("missing", string.Empty);
        File.Delete(Path.ChangeExtension(missing.Resource.ProjectPath, null));
        graph.Start();

        await graph.Output.WaitForAsync("FailedToStart");
    }

    [Fact]
    public async Task An_explicitly_started_resource_starts_stops_and_starts_again_by_command()
    {
        await using var graph = new TestGraph();
        graph.AddScript("tester", UntilTold).WithExplicitStart();
        graph.AddScript("other", UntilTold);
        graph.Start();

        await graph.Output.WaitForAsync("other    | up");
        await graph.Output.WaitForAsync("NotStarted");
        Assert.DoesNotContain(graph.Output.All(), line => line.StartsWith("tester   |", StringComparison.Ordinal));

        await graph.TypeAsync("start tester");
        await graph.Output.WaitForAsync("tester   | up");
        await graph.TypeAsync("stop tester");
        await graph.Output.WaitForAsync("tester   | told");
        await graph.Output.WaitForAsync("Stopped");
        await graph.TypeAsync("start nobody");
        await graph.Output.WaitForAsync("There is no resource 'nobody'.");
        await graph.TypeAsync("restart tester");
        await graph.Output.WaitForAsync("tester   | up", times: 2);
    }

    [Fact]
    public async Task The_end_comes_first_to_what_nothing_waits_for()
    {
        await using var graph = new TestGraph();
        var store = graph.AddScript("store", UntilTold);
        var service = graph.AddScript("service", UntilTold).WaitFor(store);
        graph.AddScript("door", UntilTold).WaitFor(service);
        graph.Start();
        await graph.Output.WaitForAsync("door     | up");

        Assert.True(await graph.EndAsync());

        Assert.Equal(
            ["door     | told", "service  | told", "store    | told"],
            graph.Output.All().Where(line => line.EndsWith("| told", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_left_out_keeps_nobody_waiting()
    {
        await using var graph = new TestGraph();
        var cache = graph.Builder.AddResource(new TestResource("cache", Task.FromResult<StartResult>(new StartResult.LeftOut("no cache here"))));
        graph.AddScript("service", UntilTold).WaitFor(cache);
        graph.Start();

        await graph.Output.WaitForAsync("cache    | no cache here");
        await graph.Output.WaitForAsync("service  | up");
        await graph.Output.WaitForAsync("LeftOut");
    }

    [Fact]
    public async Task What_cannot_be_left_out_ends_the_run_and_says_why()
    {
        await using var graph = new TestGraph();
        graph.Builder.AddResource(new TestResource("store", Task.FromResult<StartResult>(new StartResult.Failed("install one", EndsRun: true))));
        graph.AddScript("other", UntilTold);
        graph.Start();

        Assert.False(await graph.EndedAsync());
        await graph.Output.WaitForAsync("store    | failed to start: install one");
    }

    [Fact]
    public async Task Servers_that_somebody_else_runs_are_used_where_their_connection_strings_are_given()
    {
        await using var graph = new TestGraph("--ConnectionStrings:redis=elsewhere:6379", "--ConnectionStrings:matches=Host=elsewhere");
        var redis = graph.Builder.AddRedis("redis");
        var matches = graph.Builder.AddPostgres("postgres").AddDatabase("matches");
        graph.AddScript("service", "env; echo done; exec sleep 600").WithReference(redis).WaitFor(redis).WithReference(matches).WaitFor(matches);
        graph.Start();
        await graph.Output.WaitForAsync("service  | done");

        var output = graph.Output.All();
        Assert.Contains("service  | ConnectionStrings__redis=elsewhere:6379", output);
        Assert.Contains("service  | ConnectionStrings__matches=Host=elsewhere", output);
        Assert.DoesNotContain(output, line => line.Contains("| REDIS_", StringComparison.Ordinal) || line.Contains("| MATCHES_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_that_somebody_has_is_named()
    {
        using var somebody = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        somebody.Start();
        var port = ((System.Net.IPEndPoint)somebody.LocalEndpoint).Port;
        await using var graph = new TestGraph();
        graph.AddScript("door", UntilTold).WithHttpEndpoint(port: port);
        graph.Start();

        await graph.Output.WaitForAsync($"failed to start: port {port} is taken by another program");
    }

    [Fact]
    public async Task A_project_is_given_what_Aspire_gives_it()
    {
        await using var graph = new TestGraph();
        var service = graph.AddScript("service", "env; echo done; exec sleep 600").WithHttpEndpoint();
        graph.AddScript("door", "env; echo done; exec sleep 600")
            .WithReference(service)
            .WithEnvironment("SESSION_SIZE", "5")
            .WithEnvironment("TARGET_URL", service.GetEndpoint("http"))
            .WithEndpoint(scheme: "tcp", name: "game", env: "PORT");
        graph.Start();
        await graph.Output.WaitForAsync("service  | done");
        await graph.Output.WaitForAsync("door     | done");

        var of = graph.Output.All().Where(line => line.Contains('=', StringComparison.Ordinal)).ToLookup(line => line[..8].TrimEnd(), line => line[11..]);
        var url = of["service"].Single(line => line.StartsWith("ASPNETCORE_URLS=http://localhost:", StringComparison.Ordinal))["ASPNETCORE_URLS=".Length..];
        Assert.Contains($"services__service__http__0={url}", of["door"]);
        Assert.Contains($"SERVICE_HTTP={url}", of["door"]);
        Assert.Contains($"TARGET_URL={url}", of["door"]);
        Assert.Contains("SESSION_SIZE=5", of["door"]);
        Assert.Contains(of["door"], line => line.StartsWith("PORT=", StringComparison.Ordinal) && line != "PORT=0");
        Assert.DoesNotContain(of["door"], line => line.StartsWith("ASPNETCORE_URLS=", StringComparison.Ordinal));
    }
}
