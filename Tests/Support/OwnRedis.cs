using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using LocalServers;

namespace GameStack.Tests.Support;

/// <summary>A Redis of the test's own, always on the same port, to be taken away in every way there is.</summary>
internal sealed class OwnRedis : IAsyncDisposable
{
    private const int SigStop = 19;
    private const int SigCont = 18;

    private readonly RedisFixture _fixture;
    private LocalServerOptions _options;
    private RedisServer _server;

    private OwnRedis(RedisFixture fixture, LocalServerOptions options, RedisServer server)
    {
        _fixture = fixture;
        _options = options;
        _server = server;
    }

    public int Port => _server.Port;

    public string ConnectionString => _server.ConnectionString;

    public static async Task<OwnRedis> StartAsync(RedisFixture fixture)
    {
        var options = fixture.Options() with { Port = FreePort.Next(), Durable = true };
        return new OwnRedis(fixture, options, await fixture.StartNewAsync(options));
    }

    /// <summary>Connections are cut, and nobody listens any more.</summary>
    public async Task KillAsync()
    {
        Signal(9);
        await _server.Exited;
        await _server.DisposeAsync();
    }

    /// <summary>With what it had written down.</summary>
    public async Task StartAgainAsync() => _server = await _fixture.StartNewAsync(_options);

    /// <summary>Having forgotten everything.</summary>
    public async Task StartEmptyAsync()
    {
        _options = _fixture.Options() with { Port = _options.Port, Durable = true };
        await StartAgainAsync();
    }

    /// <summary>Connections stay, and nothing is answered.</summary>
    public void Hang() => Signal(SigStop);

    public void GoOn() => Signal(SigCont);

    /// <summary>Becomes a read-only replica, and returns as soon as it has everything that the primary has now.</summary>
    public async Task FollowAsync(OwnRedis primary)
    {
        await primary.AskAsync("CONFIG", "SET", "repl-diskless-sync-delay", "0");
        await AskAsync("REPLICAOF", "127.0.0.1", primary.Port.ToString(CultureInfo.InvariantCulture));
        await CatchUpAsync(primary);
    }

    /// <summary>Returns as soon as this replica has everything that the primary has now.</summary>
    public async Task CatchUpAsync(OwnRedis primary)
    {
        var written = Number(await primary.AskAsync("INFO", "replication"), "master_repl_offset:");
        using var within = Waits.Within(Waits.Patient);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await AskAsync("INFO", "replication") is var own
            && (!own.Contains("master_link_status:up", StringComparison.Ordinal) || Number(own, "slave_repl_offset:") < written))
        {
            await timer.WaitForNextTickAsync(within.Token); // Redis pushes nothing about its replication.
        }
    }

    /// <summary>Becomes read-only, as a replica whose primary is gone, and keeps its data.</summary>
    public Task RefuseWritesAsync() => AskAsync("REPLICAOF", "127.0.0.1", "1");

    /// <summary>Becomes a primary, with what it has.</summary>
    public Task PromoteAsync() => AskAsync("REPLICAOF", "NO", "ONE");

    /// <param name="bytes">0 for no limit; 1 for a server that is full.</param>
    /// <param name="policy">As Redis names it.</param>
    public async Task LimitMemoryAsync(long bytes, string policy = "noeviction")
    {
        await AskAsync("CONFIG", "SET", "maxmemory-policy", policy);
        await AskAsync("CONFIG", "SET", "maxmemory", bytes.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>How much memory counts for <see cref="LimitMemoryAsync"/>, in bytes.</summary>
    public async Task<long> UsedMemoryAsync() => Number(await AskAsync("INFO", "memory"), "used_memory:");

    /// <summary>
    /// Sets what the user <c>limited</c> may do, such as <c>+@all -eval</c>, and returns the connection string of that user.
    /// </summary>
    public async Task<string> LimitUserAsync(params string[] rules)
    {
        await AskAsync(["ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", .. rules]);
        return $"{ConnectionString},user=limited,password=secret";
    }

    /// <summary>Runs a command on a connection of its own. Returns a number or a text; the test fails on an error.</summary>
    public async Task<string> AskAsync(params string[] command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var text = $"*{command.Length}\r\n" + string.Concat(command.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
        var answer = await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? "-ERR the connection was closed";
        Assert.False(answer.StartsWith('-'), $"{string.Join(' ', command)}: {answer}");
        if (answer[0] != '$' || answer == "$-1")
        {
            return answer[1..];
        }

        var bulk = new char[int.Parse(answer[1..], CultureInfo.InvariantCulture)];
        await reader.ReadBlockAsync(bulk, TestContext.Current.CancellationToken);
        return new string(bulk);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static long Number(string info, string field) => long.Parse(
        info.Split("\r\n").Single(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..], CultureInfo.InvariantCulture);

    private void Signal(int signal) => Assert.Equal(0, Kill(_server.ProcessId, signal));

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
