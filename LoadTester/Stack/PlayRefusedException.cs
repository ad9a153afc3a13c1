using System.Globalization;
using System.Net;

namespace GameStack.LoadTester.Stack;

/// <summary>The proxy opens no WebSocket for a player. The message is its status code.</summary>
/// <param name="status">The answer's status code.</param>
/// <param name="retryAfter">How long the proxy asks to wait; null when it does not say.</param>
/// <param name="inner">What the WebSocket says.</param>
internal sealed class PlayRefusedException(HttpStatusCode status, TimeSpan? retryAfter, Exception inner)
    : Exception(((int)status).ToString(CultureInfo.InvariantCulture), inner)
{
    public TimeSpan? RetryAfter => retryAfter;
}
