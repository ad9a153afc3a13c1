using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.LoadTester.Players;

/// <summary>How a step on a player's connection to its game server ended.</summary>
/// <param name="Fault">A few words; null for success.</param>
/// <param name="IsLoss">Whether the connection is lost, so that another one may succeed.</param>
/// <param name="RetryAfter">How long to wait before another one, if the proxy asks for that.</param>
internal readonly record struct GameOutcome(string? Fault, bool IsLoss = false, TimeSpan? RetryAfter = null)
{
    public const string TimedOut = "timed out";

    /// <param name="limit">The time for the step.</param>
    /// <param name="step">Returns how it lost the connection, or null.</param>
    public static async Task<GameOutcome> OfAsync(TimeLimit limit, Func<Task<string?>> step)
    {
        try
        {
            return Lost(await step());
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            return new GameOutcome(TimedOut);
        }
        catch (SocketException exception)
        {
            return Lost(NetworkFault.Describe(exception.SocketErrorCode));
        }
        catch (AuthenticationException exception)
        {
            return new GameOutcome(exception.Message);
        }
        catch (PlayRefusedException exception)
        {
            return Lost(exception.Message) with { RetryAfter = exception.RetryAfter };
        }
        catch (WebSocketException exception)
        {
            return Lost(NetworkFault.Describe(exception));
        }
        catch (IOException exception)
        {
            return Lost(NetworkFault.Describe(exception));
        }
        catch (InvalidDataException)
        {
            return new GameOutcome("line too long");
        }
    }

    private static GameOutcome Lost(string? fault) => new(fault, IsLoss: fault is not (null or NetworkFault.TooManyOpenFiles));
}
