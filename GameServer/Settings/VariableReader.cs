using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GameStack.GameServer.Control;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Settings;

/// <summary>Reads variables and remembers the first wrong one.</summary>
internal sealed class VariableReader(Func<string, string?> variable)
{
    private const int LongestSeconds = 7 * 24 * 3600;

    public string? Error { get; private set; }

    public IPAddress Address(string name)
    {
        var address = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        if (Get(name) is { } text && !IPAddress.TryParse(text, out address!))
        {
            Wrong(name, "is not an IP address");
        }

        return address ?? IPAddress.Any;
    }

    public int? Port(string name) => Parse<int>(
        name,
        text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null,
        "is not a port number");

    public Guid? Uuid(string name) => Parse<Guid>(name, text => Guid.TryParseExact(text, "D", out var id) ? id : null, "is not a uuid");

    public TimeSpan? Seconds(string name) => Parse<TimeSpan>(
        name,
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= LongestSeconds ? TimeSpan.FromSeconds(seconds) : null,
        "is not a number of seconds between 0 and a week");

    public Roster Roster(string name)
    {
        if (!Sessions.Roster.TryParse(Encoding.UTF8.GetBytes(Get(name) ?? "[]"), out var roster))
        {
            Wrong(name, "is not a JSON array of strings");
        }

        return roster ?? Sessions.Roster.Empty;
    }

    /// <summary>Null when neither is set; one without the other is an error.</summary>
    public IControlCredential? Signature(string keyName, string subjectName)
    {
        var (key, subject) = (Get(keyName), Get(subjectName));
        if (key is null)
        {
            if (subject is not null)
            {
                Wrong(subjectName, $"needs {keyName}");
            }

            return null;
        }

        if (subject is null)
        {
            Wrong(keyName, $"needs {subjectName}");
        }

        var bytes = new byte[key.Length];
        if (!Convert.TryFromBase64String(key, bytes, out var length) || !ControlSignature.IsKey(bytes.AsSpan(0, length)))
        {
            Wrong(keyName, "is not the base64 of a P-256 public key (SubjectPublicKeyInfo)");
        }

        return new ControlSignature(bytes[..length], subject ?? "");
    }

    public ControlToken Token(string name)
    {
        var token = variable(name);
        if (token is not null && Encoding.UTF8.GetByteCount(token) > ControlToken.MaxBytes)
        {
            Wrong(name, "is too long");
            token = null;
        }

        return new ControlToken(token);
    }

    public bool Switch(string name)
    {
        var text = Get(name);
        if (text is not (null or "0" or "1"))
        {
            Wrong(name, "must be 0 or 1");
        }

        return text == "1";
    }

    private T? Parse<T>(string name, Func<string, T?> parse, string wrong)
        where T : struct
    {
        if (Get(name) is not { } text)
        {
            return null;
        }

        var value = parse(text);
        if (value is null)
        {
            Wrong(name, wrong);
        }

        return value;
    }

    private string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;

    private void Wrong(string name, string what) => Error ??= $"{name} {what}.";
}
