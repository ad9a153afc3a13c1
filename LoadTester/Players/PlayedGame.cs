using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using GameStack.Contracts.Lines;
using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.LoadTester.Players;

/// <summary>A player's time with its game server.</summary>
internal sealed class PlayedGame(MatchAddress match, PlayerSurroundings surroundings, PlayerProgress progress) : IDisposable
{
    private const string TimedOut = "timed out";

    private readonly MatchTranscript _transcript = new(hasTicket: match.Ticket is not null);
    private GameConnection? _connection;

    /// <summary>
    /// Connects, requests the match and listens until the match stops. Returns whether the server was reached; if so, the match has to be
    /// ended.
    /// </summary>
    public async Task<bool> PlayAsync(CancellationToken cancellationToken)
    {
        if (!await ConnectAsync(cancellationToken))
        {
            return false;
        }

        await ListenAsync(cancellationToken);
        return true;
    }

    public void Dispose() => _connection?.Dispose();

    private async Task<bool> ConnectAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Connect);
        using var limit = new TimeLimit(surroundings.Limits.Connect, surroundings.Time, cancellationToken);
        var fault = await TryAsync(limit, async () =>
        {
            if (match.Ticket is null && surroundings.Settings.Through != PlayThrough.Direct)
            {
                return "matched without a ticket";
            }

            _connection = await GameConnection.OpenAsync(match, surroundings.Settings, limit.Token);
            limit.Restart(surroundings.Limits.Connect);
            var seconds = surroundings.Settings.MatchDuration.ToString("0.######", CultureInfo.InvariantCulture);

            // On a WebSocket, the gateway joins for the player.
            var join = match.Ticket is { } ticket && surroundings.Settings.Through != PlayThrough.WebSocket
                ? $"{GameProtocol.Join} {ticket}\n"
                : "";
            await _connection.SendLineAsync($"{join}{GameProtocol.RequestMatch} {seconds}", limit.Token);
            return await HearAsync(limit.Token) ? null : "closed without a line";
        });
        if (fault is not null)
        {
            progress.Fail(PlayerPhase.Connect, fault == TimedOut && _connection is not null ? "no line" : fault);
            return false;
        }

        progress.Connected();
        return true;
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Play);
        using var limit = new TimeLimit(Longest(), surroundings.Time, cancellationToken);
        var start = surroundings.Time.GetTimestamp();
        var fault = await TryAsync(limit, async () =>
        {
            while (!_transcript.IsOver && await HearAsync(limit.Token))
            {
                limit.Restart(Longest());
            }

            return null;
        });
        fault = fault == TimedOut ? "no stop long after the match's length" : fault ?? _transcript.Fault;
        if (fault is null)
        {
            progress.Played(surroundings.Time.GetElapsedTime(start));
        }
        else
        {
            progress.Fail(PlayerPhase.Play, fault);
        }
    }

    /// <summary>Returns false at the end of the connection.</summary>
    private async Task<bool> HearAsync(CancellationToken cancellationToken)
    {
        if (await _connection!.ReadLineAsync(cancellationToken) is { } line)
        {
            _transcript.Add(line);
            return true;
        }

        _transcript.Close();
        return false;
    }

    /// <summary>How long the rest of the match may take. Another player's request may have set a length other than ours.</summary>
    private TimeSpan Longest() =>
        TimeSpan.FromSeconds(Math.Max(_transcript.RunningLength ?? 0, surroundings.Settings.MatchDuration)) + surroundings.Limits.StopGrace;

    private static async Task<string?> TryAsync(TimeLimit limit, Func<Task<string?>> step)
    {
        try
        {
            return await step();
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            return TimedOut;
        }
        catch (SocketException exception)
        {
            return NetworkFault.Describe(exception.SocketErrorCode);
        }
        catch (WebSocketException exception)
        {
            return NetworkFault.Describe(exception);
        }
        catch (IOException exception)
        {
            return NetworkFault.Describe(exception);
        }
        catch (InvalidDataException)
        {
            return "line too long";
        }
    }
}
