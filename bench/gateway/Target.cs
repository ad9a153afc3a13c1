using System.Diagnostics;
using System.Globalization;

namespace GameStack.Bench.Gateway;

/// <summary>What players connect to: a program between them and the matches, or the matches themselves.</summary>
internal sealed class Target : IDisposable
{
    public const int Port = 19_777;

    public const string Direct = "direct";
    public const string Gateway = "gateway";
    public const string GatewayUnchecked = "gateway (no check)";
    public const string HAProxy = "HAProxy";
    public const string Nginx = "nginx";

    private readonly Process? _process;

    private Target(string name, Process? process) => (Name, _process) = (name, process);

    public static IReadOnlyList<string> Names { get; } = [Direct, Gateway, GatewayUnchecked, HAProxy, Nginx];

    public string Name { get; }

    public bool IsDirect => _process is null;

    /// <summary>The port of a match, as a player connects to it.</summary>
    public int PortOf(int match) => IsDirect ? MatchPorts.First + (match % MatchPorts.Count) : Port;

    public static async Task<Target> StartAsync(string name, string folder)
    {
        var own = Environment.ProcessPath!;
        var process = name switch
        {
            Direct => null,
            Gateway => Start(own, "gateway", Path.Combine(folder, "tickets.pem"), "true"),
            GatewayUnchecked => Start(own, "gateway", Path.Combine(folder, "tickets.pem"), "false"),
            HAProxy => Start("haproxy", "-db", "-f", Write(folder, "haproxy.cfg", HAProxyConfiguration())),
            Nginx => Start("nginx", "-p", folder, "-c", Write(folder, "nginx.conf", NginxConfiguration(folder))),
            _ => throw new ArgumentException($"{name} is no target; there are: {string.Join(", ", Names)}.", nameof(name)),
        };
        var target = new Target(name, process);
        if (process is not null)
            await Player.WaitUntilListeningAsync(Port);
        return target;
    }

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>The resident memory of the program and its children, in bytes.</summary>
    public long ResidentBytes() => _process is null ? 0 : ResidentBytes(_process.Id);

    public void Dispose()
    {
        if (_process is null)
            return;

        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static long ResidentBytes(int id)
    {
        var own = File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var bytes = long.Parse(own.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
        var children = File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return bytes + children.Sum(child => ResidentBytes(int.Parse(child, CultureInfo.InvariantCulture)));
    }

    private static string Write(string folder, string name, string text)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    private static string Servers(Func<int, string> line) =>
        string.Join('\n', Enumerable.Range(MatchPorts.First, MatchPorts.Count).Select(line));

    private static string HAProxyConfiguration() => $"""
        global
          maxconn 6500
          maxpipes 1000
        defaults
          mode tcp
          option splice-auto
          timeout connect 5s
          timeout client 1h
          timeout server 1h
        frontend players
          bind 127.0.0.1:{Port}
          default_backend matches
        backend matches
          balance roundrobin
        {Servers(port => $"  server s{port} 127.0.0.1:{port}")}

        """;

    private static string NginxConfiguration(string folder) => $$"""
        load_module /usr/lib/nginx/modules/ngx_stream_module.so;
        daemon off;
        worker_processes auto;
        worker_rlimit_nofile 16384;
        pid {{folder}}/nginx.pid;
        error_log {{folder}}/nginx.log;
        events { worker_connections 8000; }
        stream {
          upstream matches {
        {{Servers(port => $"    server 127.0.0.1:{port};")}}
          }
          server {
            listen 127.0.0.1:{{Port}} backlog=4096;
            proxy_pass matches;
            proxy_timeout 1h;
          }
        }

        """;
}
