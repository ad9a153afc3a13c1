using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GameStack.Tests.Support;
using LocalServers;
using StackExchange.Redis;

namespace GameStack.Tests.LocalServers;

public sealed class RedisServerTests(RedisFixture fixture)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_asks_for_its_password()
    {
        await using var server = await fixture.StartNewAsync(fixture.Options() with { Password = "a \"b\" \\ c" });
        await using var redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", server.Port } },
            Password = "a \"b\" \\ c",
        });
        Assert.True(await redis.GetDatabase().StringSetAsync("key", "value"));

        var answer = await AskAsync(server.Port, "GET key");
        Assert.StartsWith("-NOAUTH", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart()
    {
        var options = fixture.Options() with { Durable = true };
        await using (var first = await fixture.StartNewAsync(options))
        {
            Assert.Equal("+OK", await AskAsync(first.Port, "SET key value"));
            await first.StopAsync(Cancelled);
            Assert.Equal(0, await first.Exited);
        }

        await using var second = await fixture.StartNewAsync(options);
        Assert.Equal("$5", await AskAsync(second.Port, "GET key"));
    }

    [Fact]
    public async Task A_second_one_on_the_same_data_folder_is_refused()
    {
        var options = fixture.Options();
        await using var first = await fixture.StartNewAsync(options);

        var refusal = await Assert.ThrowsAsync<LocalServerUnavailableException>(() => RedisServer.StartAsync(options, Cancelled));
        Assert.Contains("another server uses the data folder", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("+PONG", await AskAsync(first.Port, "PING"));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_with_the_servers_own_words()
    {
        await fixture.GetAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = fixture.Options() with { Port = ((IPEndPoint)listener.LocalEndpoint).Port };

        var refusal = await Assert.ThrowsAsync<LocalServerUnavailableException>(() => RedisServer.StartAsync(options, Cancelled));
        Assert.Contains("Address already in use", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Start a container engine", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_does_not_run_as_root()
    {
        var server = await fixture.GetAsync();

        // Uid:	102	102	102	102
        var uid = File.ReadLines($"/proc/{server.ProcessId}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal));
        Assert.DoesNotContain("0", uid.Split('\t')[1..]);
        Assert.Contains(
            "redis-server", await File.ReadAllTextAsync($"/proc/{server.ProcessId}/cmdline", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_notices_when_the_server_is_killed()
    {
        await using var server = await fixture.StartNewAsync();
        using var process = Process.GetProcessById(server.ProcessId);
        Assert.False(server.Exited.IsCompleted);

        process.Kill();

        Assert.Equal(128 + 9, await server.Exited.WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
    }

    [Fact]
    public async Task It_ends_when_the_process_that_holds_its_standard_input_is_killed()
    {
        await fixture.GetAsync();
        using var folder = new TestFolder();
        var pipe = Path.Combine(folder.Path, "input");
        await CommandLine.RunAsync("mkfifo", [pipe], Cancelled);
        await using var holder = RunningProgram.StartCommand(["sh", "-c", $"exec sleep 600 > '{pipe}'"]);
        var plan = await RedisServer.PrepareAsync(fixture.Options(), Cancelled);
        var port = FreePort.Next();
        await using var server = RunningProgram.StartCommand(
            ["sh", "-c", $"exec \"$0\" \"$@\" < '{pipe}'", ServerPlan.Script, .. await plan.CommandAsync(port, Cancelled)],
            plan.EnvironmentFor("with-stdin").ToDictionary(variable => variable.Key, string? (variable) => variable.Value));
        await server.WaitForLineAsync(
            line => line.Contains(plan.ReadyText, StringComparison.Ordinal) ? line : null, plan.ReadyText, Waits.Patient);
        await using var toServer = await LineClient.ConnectAsync(port);

        holder.Kill();

        Assert.Empty(await toServer.ReadToEndAsync());
        await server.WaitForExitAsync("its input has ended", Waits.Patient);
    }

    private static async Task<string?> AskAsync(int port, string command)
    {
        await using var client = await LineClient.ConnectAsync(port);
        return await client.AskAsync(command + "\r");
    }
}
