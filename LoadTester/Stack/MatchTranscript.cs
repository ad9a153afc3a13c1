using System.Globalization;
using GameStack.Contracts.Lines;

namespace GameStack.LoadTester.Stack;

/// <summary>
/// What one player has received from its game server, checked against the contract. Unknown lines are ignored, because the contract allows
/// new lines.
/// </summary>
/// <param name="hasTicket">Whether the player has shown a ticket, and so must get a seat.</param>
internal sealed class MatchTranscript(bool hasTicket = false)
{
    /// <summary>The gateway's reasons to refuse a player who may succeed with the next try.</summary>
    private static readonly string[] PassingDenials = ["unreachable", "full", "timed_out"];

    private bool _isSeated;

    /// <summary>The length of the match that the server reported, in seconds; null before the server has reported one.</summary>
    public int? RunningLength { get; private set; }

    public bool IsRunning { get; private set; }

    public bool IsStopped { get; private set; }

    /// <summary>Why the gateway has refused the player for now; null if it has not, or for good.</summary>
    public string? PassingDenial { get; private set; }

    /// <summary>What the server did wrong; only the first fault counts.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether there is nothing more to wait for.</summary>
    public bool IsOver => IsStopped || Fault is not null;

    public void Add(string line)
    {
        PassingDenial = null;
        if (line == GameProtocol.Unknown)
        {
            Fail("answered UNKNOWN");
        }
        else if (line.StartsWith(GameProtocol.JoinedPrefix, StringComparison.Ordinal))
        {
            _isSeated = true;
        }
        else if (line.StartsWith(GameProtocol.DeniedPrefix, StringComparison.Ordinal))
        {
            AddDenial(line[GameProtocol.DeniedPrefix.Length..]);
        }
        else if (line == GameProtocol.Moved)
        {
            Fail("moved to another connection");
        }
        else if (line.StartsWith(GameProtocol.RunningLengthPrefix, StringComparison.Ordinal))
        {
            AddRunningLength(line.AsSpan(GameProtocol.RunningLengthPrefix.Length));
        }
        else if (line.StartsWith(GameProtocol.StatePrefix, StringComparison.Ordinal))
        {
            AddState(line[GameProtocol.StatePrefix.Length..]);
        }
    }

    private void AddDenial(string reason)
    {
        if (PassingDenials.Contains(reason, StringComparer.Ordinal))
        {
            PassingDenial = $"denied: {reason}";
        }
        else
        {
            Fail($"denied: {reason}");
        }
    }

    private void AddRunningLength(ReadOnlySpan<char> text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            RunningLength = seconds;
        }
        else
        {
            Fail("unreadable RUNNING_LENGTH");
        }
    }

    private void AddState(string state)
    {
        switch (state)
        {
            case GameProtocol.StateOpen when IsRunning:
                Fail("state went back to open");
                break;
            case GameProtocol.StateOpen:
                break;
            case GameProtocol.StateRunning:
                IsRunning = true;
                break;
            case GameProtocol.StateStop:
                AddStop();
                break;
            default:
                Fail("unknown state");
                break;
        }
    }

    private void AddStop()
    {
        IsStopped = true;
        if (RunningLength is null)
        {
            Fail("stopped without RUNNING_LENGTH");
        }
        else if (!IsRunning)
        {
            Fail("stopped without STATE running");
        }
        else if (hasTicket && !_isSeated)
        {
            Fail("stopped without JOINED");
        }
    }

    private void Fail(string fault) => Fault ??= fault;
}
