using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GameStack.Contracts;
using GameStack.Contracts.Settings;
using GameStack.Contracts.Tickets;
using GameStack.GameServer.Control;
using GameStack.GameServer.Sessions;

namespace GameStack.GameServer.Settings;

/// <summary>Reads variables and remembers the first wrong one.</summary>
internal sealed class VariableReader(Func<string, string?> variable)
{
    private const int LongestSeconds = 7 * 24 * 3600;

    public string? Error { get; private set; }

    public IPAddress? Address(string name)
    {
        if (Get(name) is not { } text)
        {
            return null;
        }

        // .NET would also read 1 as 0.0.0.1, and would ignore the port of [::1]:80.
        var isBracketed = text is ['[', .., ']'];
        var inner = isBracketed ? text[1..^1] : text;
        if (IPAddress.TryParse(inner, out var address)
            && !inner.Contains(']', StringComparison.Ordinal)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || (!isBracketed && address.ToString() == inner)))
        {
            return address;
        }

        Wrong(name, text, "an IP address without a port");
        return null;
    }

    public int? Port(string name) => Parse<int>(
        name,
        text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null,
        "a port number from 0 to 65535");

    public Guid? Uuid(string name) => Parse<Guid>(name, text => Guid.TryParseExact(text, "D", out var id) ? id : null, "a uuid");

    public TimeSpan? Seconds(string name) => Parse<TimeSpan>(
        name,
        text => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= LongestSeconds ? TimeSpan.FromSeconds(seconds) : null,
        "a number of seconds of more than 0, and of at most a week");

    public Roster Roster(string name)
    {
        var text = Get(name) ?? "[]";
        if (!Sessions.Roster.TryParse(Encoding.UTF8.GetBytes(text), out var roster))
        {
            Wrong(name, text, "a JSON array of strings");
        }

        return roster ?? Sessions.Roster.Empty;
    }

    public TicketTerms? Tickets(string name)
    {
        TicketTerms? terms = null;
        if (Get(name) is { } text && !TicketTerms.TryParse(Encoding.UTF8.GetBytes(text), out terms))
        {
            Wrong(name, text, "a JSON object with the server's name and the keys of its tickets");
        }

        return terms;
    }

    /// <summary>Null when neither is set; one without the other is an error.</summary>
    public IControlCredential? Signature(string keyName, string subjectName)
    {
        var (key, subject) = (Get(keyName), Get(subjectName));
        if (key is null)
        {
            if (subject is not null)
            {
                Wrong(subjectName, subject, $"no value without {keyName}");
            }

            return null;
        }

        if (subject is null)
        {
            Wrong(keyName, key, $"no value without {subjectName}");
        }

        var bytes = new byte[key.Length];
        if (!Convert.TryFromBase64String(key, bytes, out var length) || !P256PublicKey.HasForm(bytes.AsSpan(0, length)))
        {
            Wrong(keyName, key, "the base64 of a P-256 public key (SubjectPublicKeyInfo)");
        }

        return new ControlSignature(bytes[..length], subject ?? "");
    }

    public ControlToken Token(string name)
    {
        var token = variable(name);
        if (token is not null && Encoding.UTF8.GetByteCount(token) > ControlToken.MaxBytes)
        {
            Wrong(name, value: null, $"at most {ControlToken.MaxBytes} bytes");
            token = null;
        }

        return new ControlToken(token);
    }

    public bool Switch(string name)
    {
        var text = Get(name);
        if (text is not (null or "0" or "1"))
        {
            Wrong(name, text, "0 or 1");
        }

        return text == "1";
    }

    private T? Parse<T>(string name, Func<string, T?> parse, string expected)
        where T : struct
    {
        if (Get(name) is not { } text)
        {
            return null;
        }

        var value = parse(text);
        if (value is null)
        {
            Wrong(name, text, expected);
        }

        return value;
    }

    /// <summary>Null for a variable that is not set or empty; files and Secrets often end with a line end.</summary>
    private string? Get(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;

    private void Wrong(string name, string? value, string expected) => Error ??= SettingException.Line(name, value, expected);
}
