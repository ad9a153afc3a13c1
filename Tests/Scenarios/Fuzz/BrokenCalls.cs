using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>Requests that may break their connection: each has one of its own.</summary>
internal static class BrokenCalls
{
    private const string Join = "POST /api/match/join HTTP/1.1\r\n";
    private const string Status = "GET /api/match/status?player_id=x HTTP/1.1\r\n";
    private const string Json = "Content-Type: application/json\r\n";

    private static readonly string[] Headers =
    [
        "X-A: ", "Cookie: ", "User-Agent: ", "Referer: ", "Accept: ", "Accept-Encoding: ", "Accept-Language: ", "Authorization: ",
        "X-Forwarded-For: ", "X-Forwarded-Host: ", "X-Forwarded-Proto: ",
        "X-Forwarded-Prefix: ", "Forwarded: ", "Via: ", "traceparent: ", "tracestate: ", "baggage: ", "Request-Id: ",
        "Correlation-Context: ", "Range: ", "If-Match: ", "If-Modified-Since: ", "TE: ",
        "Trailer: ", "Upgrade: ", "Connection: ", "Keep-Alive: ", "Expect: ", "Origin: ", "Content-Type: ", "Content-Encoding: ", "Host: ",
        "X-HTTP-Method-Override: ", "X-Original-URL: ", "Proxy-Connection: ",
        "Sec-WebSocket-Key: ", "Sec-WebSocket-Version: ", "HTTP2-Settings: ", "Max-Forwards: ", "Date: ", "Pragma: ", "X-B : ", " X-C: ",
        "X D: ", "X(E): ", ": ", "X-F", "\u00e9: ", "Content-Length : ",
    ];

    private static readonly string[] Values =
    [
        "", " ", "x", "close", "keep-alive, Upgrade", "websocket", "h2c", "100-continue", "chunked", "identity", "0", "-1", "bytes=0-1",
        "bytes=9-1,,", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-0000000000000000-00", "|abc.def.", "127.0.0.1", "[::1", "::1, 10.0.0.1", "example.com:99999",
        "https://xn--é.com", "https://א1.com",
        "a b", "http://x/", "/cleanup/orphaned-servers", "é", "玩家", "🎮", "\"", "\\", ";;;", "a=b; a=c",
        "*/*;q=9", "text/html", "gzip;q=x", "\u0001", "\u007f", "x\u0000y", "x\rY: z", "x\nY: z", "x\r\n folded", "Host",
        "Content-Length, Host", "Thu, 99 Foo 9999 99:99:99 GMT", "%0d%0aX: y", "${jndi:ldap://x}", "AAMAAABkAARAAAAAAAIAAAAA",
    ];

    private static readonly string[] TransferEncodings =
    [
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity", "Transfer-Encoding: gzip",
        "Transfer-Encoding : chunked", "Transfer-Encoding:\u000bchunked",
        "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked\u0000", "X: y\nTransfer-Encoding: chunked", "Transfer-Encoding:",
        "Transfer_Encoding: chunked", "Transfer-Encoding: cow\r\nTransfer-Encoding: identity",
    ];

    private static readonly string[] Chunks =
    [
        "zz\r\nabc\r\n0\r\n\r\n", "-1\r\nabc\r\n0\r\n\r\n", "ffffffffffffffff\r\nabc", "80000000\r\nabc", "3\r\nabcd\r\n0\r\n\r\n",
        "3\nabc\n0\n\n", "3 \r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "\r\n", "3;\r\nabc\r\n0\r\nbad trailer\r\n\r\n",
        "3;a=\"\r\n\"\r\nabc\r\n0\r\n\r\n", "3\r\nabc0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n", "3\r\nab",
    ];

    private static readonly string[] Lines =
    [
        "GET  /api/match/status HTTP/1.1", "GET /api/match/status", "GET", "", "GET /api/match/status HTTP/1.0",
        "GET /api/match/status HTTP/0.9", "GET /api/match/status HTTP/2.0", "GET /api/match/status HTTP/1.1 x",
        "GET /api/match/status http/1.1",
        "GET http://other.example/api/match/status?player_id=x HTTP/1.1", "GET https://localhost/api/match/status HTTP/1.1",
        "GET api/match/status HTTP/1.1", "OPTIONS * HTTP/1.1", "GET * HTTP/1.1", "CONNECT localhost:80 HTTP/1.1",
        "CONNECT /api/match/join HTTP/1.1",
        "GET /api/match/%00/end HTTP/1.1", "POST /api/match/%00/end HTTP/1.1", "GET /api/match/status?player_id=\u00e9 HTTP/1.1",
        "GET /api/\u00e9 HTTP/1.1", "GET /api/\u0001 HTTP/1.1", "G\u00c9T / HTTP/1.1", "G(T / HTTP/1.1", "GET\t/\tHTTP/1.1",
        "PRI * HTTP/2.0",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", "GET //localhost/api HTTP/1.1", "GET ?x HTTP/1.1",
        "GET #x HTTP/1.1", "GET /api/match/status?player_id=x\u0000 HTTP/1.1", "*1\r\n$4\r\nPING",
    ];

    public static HttpCall Next(Random random) => random.Next(11) switch
    {
        < 4 => WithHeaders(random),
        4 => Raw(Lines[random.Next(Lines.Length)] + "\r\nHost: x\r\n\r\n"),
        5 => Noise(random),
        6 => CutShort(random),
        7 => WithChunks(random),
        8 => WithHidden(random),
        9 => TooMuch(random),
        _ => WithWrongTicket(random),
    };

    private static HttpCall WithHeaders(Random random)
    {
        var player = PlayerIds.Valid(random);
        var headers = new StringBuilder();
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            headers.Append(Headers[random.Next(Headers.Length)]).Append(Values[random.Next(Values.Length)]).Append("\r\n");
        }

        var body = Encoding.UTF8.GetBytes($$"""{"player_id":{{PlayerIds.InJson(random, player)}}}""");
        var host = random.Next(10) == 0 ? "" : "Host: localhost\r\n";
        var head = $"{Join}{host}{Json}Content-Length: {body.Length}\r\n{headers}\r\n";
        return Raw(head, body) with { Player = player };
    }

    /// <summary>No body is announced that then has to be waited for: what this becomes ends with its input.</summary>
    private static HttpCall Noise(Random random) => random.Next(2) == 0
        ? Raw("", [.. LineShapes.Noise(random, most: 500), .. "\r\n\r\n"u8]) with { IsCutOff = true }
        : Raw("", LineShapes.Mutated(random, $"{Status}Host: x\r\nX-A: b\r\n\r\n")) with { IsCutOff = true };

    private static HttpCall CutShort(Random random)
    {
        var body = $$"""{"player_id":{{PlayerIds.InJson(random, PlayerIds.Valid(random))}}}""";
        var length = Encoding.UTF8.GetByteCount(body) + random.Next(1, 5000);
        var request = $"{Join}Host: x\r\n{Json}Content-Length: {length}\r\n\r\n{body}";
        var bytes = Encoding.UTF8.GetBytes(request);
        return Raw("", bytes[..random.Next(1, bytes.Length + 1)]) with { IsCutOff = true };
    }

    private static HttpCall WithChunks(Random random)
    {
        var length = random.Next(2) == 0 ? "Content-Length: 5\r\n" : "";
        var head = $"{Join}Host: x\r\n{Json}{length}Transfer-Encoding: chunked\r\n\r\n";
        return Raw(head + Chunks[random.Next(Chunks.Length)]) with { IsCutOff = true };
    }

    /// <summary>A request in the body of another one. By its length it is a body; read as chunks, it is two requests.</summary>
    private static HttpCall WithHidden(Random random)
    {
        var hidden = "hidden-" + random.NextInt64();
        var body = $$"""{"player_id":"{{hidden}}"}""";
        var inner = $"0\r\n\r\n{Join}Host: x\r\n{Json}Content-Length: {body.Length}\r\n\r\n{body}";
        var framing = $"Content-Length: {inner.Length}\r\n";
        var encoding = random.Next(6) == 0 ? framing.TrimEnd() : TransferEncodings[random.Next(TransferEncodings.Length)];
        var framings = random.Next(2) == 0 ? framing + encoding + "\r\n" : encoding + "\r\n" + framing;
        return Raw($"POST /api/match/leave HTTP/1.1\r\nHost: x\r\n{Json}{framings}\r\n{inner}") with { Hidden = hidden };
    }

    private static HttpCall TooMuch(Random random) => random.Next(5) switch
    {
        0 => Raw($"GET /api/match/status?player_id={new string('a', random.Next(4000, 30_000))} HTTP/1.1\r\nHost: x\r\n\r\n"),
        1 => Raw($"GET /api/match/status HTTP/1.1\r\nHost: x\r\n{ManyHeaders(random.Next(50, 300))}\r\n"),
        2 => Raw($"GET /api/match/status HTTP/1.1\r\nHost: x\r\nCookie: {new string('c', random.Next(8000, 40_000))}\r\n\r\n"),
        3 => Raw($"{Join}Host: x\r\n{Json}Content-Length: {new string('9', random.Next(2) == 0 ? 11 : 20)}\r\n\r\n"),
        _ => Big(random),
    };

    private static HttpCall Big(Random random)
    {
        var body = $$"""{"player_id":"{{new string('x', random.Next(16_000, 60_000))}}"}""";
        return Raw($"{Join}Host: x\r\n{Json}Content-Length: {body.Length}\r\n\r\n{body}");
    }

    private static HttpCall WithWrongTicket(Random random) => Raw(
        "GET /play HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + $"Sec-WebSocket-Protocol: gamestack.ticket.\u00e9{Values[random.Next(Values.Length)]}\r\n\r\n");

    private static string ManyHeaders(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: y\r\n"));

    private static HttpCall Raw(string head, byte[]? body = null) =>
        new([.. IsLatin1(head) ? Encoding.Latin1.GetBytes(head) : Encoding.UTF8.GetBytes(head), .. body ?? []], HttpCall.Anything);

    private static bool IsLatin1(string text) => text.All(letter => letter <= 0xFF) && text.Length % 2 == 0;
}
