using System.Net;
using System.Net.Sockets;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>The game server of a pod in a <see cref="FakeCluster"/>: both of its ports, as the protocols define them.</summary>
internal sealed class StandInServer : IDisposable
{
    private readonly Socket _control = Bind();
    private readonly Socket _game = Bind();
    private readonly Lock _lock = new();

    public StandInServer()
    {
        _control.Listen();
        _ = AcceptAsync(_control, AnswerControl);
    }

    public int ControlPort => Port(_control);

    /// <summary>It refuses connections until the server has a session.</summary>
    public int GamePort => Port(_game);

    /// <summary>The match that it was assigned first; it never takes another.</summary>
    public Guid? Match { get; private set; }

    /// <summary>Whether its key belongs to no backend's key.</summary>
    public bool IsDenying { get; set; }

    /// <summary>Whether it accepts connections of backends, but does not answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether it knows no command but those that ask for its state.</summary>
    public bool IsRefusing { get; set; }

    /// <summary>Whether the match is running, and not only open.</summary>
    public bool IsRunning { get; set; }

    /// <summary>How many connections of backends have begun to speak.</summary>
    public int Calls { get; private set; }

    /// <summary>How often it was asked which session it has.</summary>
    public int Questions { get; private set; }

    /// <summary>How many matches were assigned to it, accepted or not.</summary>
    public int Assignments { get; private set; }

    public void Assign(Guid match)
    {
        lock (_lock)
        {
            if (Match is null)
            {
                Match = match;
                _game.Listen();
                _ = AcceptAsync(_game, line => line == "GET_STATE" ? State : "UNKNOWN");
            }
        }
    }

    /// <summary>Refuses players from now on.</summary>
    public void CloseGamePort() => _game.Dispose();

    /// <summary>Does not answer backends from now on.</summary>
    public void CloseControlPort() => _control.Dispose();

    public void Dispose()
    {
        _control.Dispose();
        _game.Dispose();
    }

    private string State => IsRunning ? "STATE running" : "STATE open";

    private string? AnswerControl(string line)
    {
        var words = line.Split(' ');
        switch (words[0])
        {
            case "AUTH":
                Calls++;
                return IsSilent ? null : IsDenying ? "DENIED" : "OK";
            case not null when IsSilent:
                return null;
            case "SESSION":
                Questions++;
                return Match is { } match ? $"SESSION {match} [\"p1\"]" : "STANDBY";
            case "ASSIGN" when IsRefusing:
                return "UNKNOWN";
            case "ASSIGN":
                Assignments++;
                Assign(Guid.Parse(words[1]));
                return Match == Guid.Parse(words[1]) ? "OK" : $"BUSY {Match}";
            case "GET_STATE":
                return State;
            case "GET_RUNNING_LENGTH":
                return "RUNNING_LENGTH 600";
            default:
                return "UNKNOWN";
        }
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static async Task AcceptAsync(Socket listener, Func<string, string?> answer)
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await listener.AcceptAsync(), answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It no longer listens.
        }
    }

    private static async Task AnswerAsync(Socket client, Func<string, string?> answer)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            using var reader = new StreamReader(stream);
            await using var writer = new StreamWriter(stream) { AutoFlush = true };
            while (await reader.ReadLineAsync() is { } line)
            {
                if (answer(line) is not { } said)
                {
                    continue;
                }

                await writer.WriteAsync(said + "\n");
                if (said == "DENIED")
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }
}
