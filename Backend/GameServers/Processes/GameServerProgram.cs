using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using GameStack.Contracts;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Processes;

/// <summary>Starts the game server program and waits until it is on standby.</summary>
internal sealed class GameServerProgram
{
    /// <summary>
    /// The environment variables that a child inherits. The rest (connection strings, exporters' keys) does not concern a game server.
    /// </summary>
    private static readonly string[] Inherited =
        ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT", "LD_LIBRARY_PATH", "SystemRoot", "TEMP", "TMP"];

    private readonly ProcessFleetOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<GameServerProcess> _logger;
    private readonly string? _path;
    private readonly string? _listenAddress;

    public GameServerProgram(
        IOptions<ProcessFleetOptions> options, IOptions<GameServersOptions> servers, TimeProvider time, ILogger<GameServerProcess> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _path = string.IsNullOrEmpty(_options.Program) ? null : Path.GetFullPath(_options.Program);
        PlayerHost = servers.Value.ConnectHost is { Length: > 0 } host ? host : IPAddress.Loopback.ToString();
        _listenAddress = IPAddress.TryParse(PlayerHost, out var address) && IPAddress.IsLoopback(address) ? PlayerHost : null;
    }

    /// <summary>The host that players connect to.</summary>
    public string PlayerHost { get; }

    /// <summary>Where a child listens on its control port, which only this process needs to reach.</summary>
    public string ControlHost => _listenAddress ?? IPAddress.Loopback.ToString();

    /// <summary>
    /// Returns a server on standby, or why there is none. A process that started but did not become ready has been killed.
    /// </summary>
    public async Task<Result<GameServerProcess>> StartAsync(CancellationToken cancellationToken)
    {
        if (_path is null)
        {
            return Result<GameServerProcess>.Failed("GameServers__Program is not set; build GameServer and set it to the program's path.");
        }

        if (!File.Exists(_path))
        {
            return Result<GameServerProcess>.Failed($"The game server program {_path} was not found; build GameServer.");
        }

        GameServerProcess server;
        try
        {
            // Forking takes milliseconds. A separate thread keeps the thread pool free to answer players.
            server = await Task.Factory.StartNew(Start, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Win32Exception exception)
        {
            return Result<GameServerProcess>.Failed($"The game server program {_path} could not be started: {exception.Message}.");
        }

        try
        {
            await server.Ready.WaitAsync(_options.StartTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await server.KillAsync();
            return Result<GameServerProcess>.Failed($"The game server was not ready after {_options.StartTimeout.TotalSeconds:0.###} s.");
        }
        catch (OperationCanceledException)
        {
            await server.KillAsync();
            throw;
        }

        if (server.Ready.Result is null)
        {
            await server.KillAsync();
            return Result<GameServerProcess>.Failed($"The game server ended with exit code {server.ExitCode} before it was ready.");
        }

        return Result<GameServerProcess>.Of(server);
    }

    private GameServerProcess Start()
    {
        var token = RandomNumberGenerator.GetHexString(32);
        var start = new ProcessStartInfo(_path!)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        var environment = start.Environment;
        var inherited = Inherited.Where(environment.ContainsKey).Select(name => (name, environment[name])).ToArray();
        environment.Clear();
        foreach (var (name, value) in inherited)
        {
            environment[name] = value;
        }

        environment[GameServerSettings.Port] = "0";
        environment[GameServerSettings.ControlPort] = "0";
        environment[GameServerSettings.ControlToken] = token;
        environment[GameServerSettings.StopWithParent] = "1";
        environment[GameServerSettings.ControlListenAddress] = ControlHost;
        if (_listenAddress is not null)
        {
            environment[GameServerSettings.ListenAddress] = _listenAddress;
        }

        return new GameServerProcess(start, token, _options.StopTimeout, _time, _logger);
    }
}
