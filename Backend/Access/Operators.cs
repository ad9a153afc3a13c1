using System.Net;
using GameStack.Contracts.Api;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Access;

/// <summary>Finds out who is an operator: by a key, by the cookie of a browser that has shown one, or by a token.</summary>
internal sealed partial class Operators(IOptions<OperatorsOptions> options, TimeProvider time, ILogger<Operators> logger)
{
    public const string SessionCookie = "gamestack-operator";

    public static readonly TimeSpan SessionLength = TimeSpan.FromHours(12);

    /// <summary>Anyone can send any number of wrong keys; only one in this time is a warning.</summary>
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromMinutes(1);

    private readonly bool _isOpen = options.Value.Access == OperatorAccess.Anyone;

    private readonly OperatorKey[] _keys =
        [.. new[] { options.Value.Key, options.Value.SecondKey }.OfType<string>().Select(key => new OperatorKey(key))];

    private readonly Lock _lock = new();
    private long? _warnedAt;

    public async ValueTask<Caller> IdentifyAsync(HttpContext context)
    {
        var (kind, name) = await ReadAsync(context);
        return new Caller(kind, name, MayOperate: _isOpen || kind == CallerKind.Operator);
    }

    /// <summary>Null if it is no operator's key.</summary>
    public OperatorKey? FindKey(string text, HttpContext context)
    {
        OperatorKey? found = null;
        foreach (var key in _keys)
        {
            found = key.Is(text) ? key : found; // All keys, whichever it is.
        }

        if (found is null && IsWarningDue())
        {
            Log.WrongKey(logger, context.Connection.RemoteIpAddress);
        }

        return found;
    }

    private async ValueTask<(CallerKind Kind, string Name)> ReadAsync(HttpContext context)
    {
        if (context.Request.Headers.TryGetValue(CredentialHeaders.OperatorKey, out var shown))
        {
            return FindKey(shown.ToString(), context) is { } key ? (CallerKind.Operator, key.Name) : (CallerKind.Refused, "");
        }

        // An old cookie is none: the browser has to sign in again.
        return context.Request.Cookies[SessionCookie] is { } session
            && Array.Find(_keys, key => key.IsSession(session, time.GetUtcNow())) is { } signedIn
            ? (CallerKind.Operator, signedIn.Name)
            : await OperatorTokens.ReadAsync(context);
    }

    private bool IsWarningDue()
    {
        lock (_lock)
        {
            if (_warnedAt is { } at && time.GetElapsedTime(at) < WarningPeriod)
            {
                return false;
            }

            _warnedAt = time.GetTimestamp();
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.WrongOperatorKey, LogLevel.Warning,
            "{Address} has shown a wrong operator key. (Further ones within a minute are not logged)")]
        public static partial void WrongKey(ILogger logger, IPAddress? address);
    }
}
