using System.Globalization;
using System.Net.Sockets;
using GameStack.Contracts.Lines;
using GameStack.LoadTester.Stack;

namespace GameStack.LoadTester.Players;

/// <summary>A player's time with its game server.</summary>
internal sealed class PlayedGame(MatchAddress match, PlayerSurroundings surroundings, PlayerProgress progress) : IDisposable
{
    private const string TimedOut = "timed out";

    private readonly MatchTranscript _transcript = new();
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
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(surroundings.Limits.Connect);
        var fault = await TryAsync(
            async token =>
            {
                _connection = await GameConnection.OpenAsync(surroundings.Settings.GameServerHostOverride ?? match.Host, match.Port, token);
                deadline.CancelAfter(surroundings.Limits.Connect);
                await _connection.SendLineAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{GameProtocol.RequestMatch} {surroundings.Settings.MatchDuration:0.######}"), token);
                return await HearAsync(token) ? null : "closed without a line";
            },
            deadline.Token,
            cancellationToken);
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
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var start = surroundings.Time.GetTimestamp();
        var fault = await TryAsync(
            async token =>
            {
                do
                {
                    deadline.CancelAfter(Longest());
                }
                while (!_transcript.IsOver && await HearAsync(token));

                return null;
            },
            deadline.Token,
            cancellationToken);
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

    private static async Task<string?> TryAsync(
        Func<CancellationToken, Task<string?>> step, CancellationToken deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await step(deadline);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TimedOut;
        }
        catch (SocketException exception)
        {
            return NetworkFault.Describe(exception.SocketErrorCode);
        }
        catch (InvalidDataException)
        {
            return "line too long";
        }
    }
}
