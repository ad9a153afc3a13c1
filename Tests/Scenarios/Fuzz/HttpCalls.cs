using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>
/// Calls whose framing is right, so that any number of them can follow one another over a connection, and whose content is anything.
/// </summary>
internal static class HttpCalls
{
    private static readonly string[] Accepts =
        ["", "*/*", "application/json", "text/html", "text/event-stream", "application/problem+json;q=0", ";;,", "image/*;q=2"];

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=\"UTF-8\"", "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=nonsense", "application/json; charset=", "application/json; charset=utf8", "application/json;;;",
        "application/problem+json", "application/x+json",
        "text/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "*/*",
        "json", "/", ";", "application/json, text/plain",
    ];

    private static readonly string[] Bodies =
    [
        "", " ", "null", "true", "0", "\"p1\"", "[]", "{}", "{", "}", "{\"player_id\"}", "{\"player_id\":}", "{\"player_id\":null}",
        "{\"player_id\":1}", "{\"player_id\":1e999999}",
        "{\"player_id\":[\"p1\"]}", "{\"player_id\":{\"player_id\":\"p1\"}}", "{\"player_id\":true}", "{'player_id':'p1'}",
        "{\"player_id\":\"p1\",}", "{\"player_id\":\"p1\"}}", "{\"player_id\":\"p1\"} {}",
        "/**/{\"player_id\":\"p1\"}", "{\"PLAYER_ID\":1}", "{\"player_id\":\"\\ud800\"}", "{\"\\ud800\":1}", "{\"player_id\":\"\\u0000\"}",
        "{\"player_id\":\"\\x\"}", "{\"player_id\":\"\\u12\"}",
        "{\"$type\":\"System.Diagnostics.Process\",\"player_id\":[]}", "{\"$ref\":\"1\"}", "{\"__proto__\":{}}", "player_id=p1",
        "<player_id>p1</player_id>", "NaN", "-", "\"", "{\"player_id\":\"p1", "\u001f\u008b",
    ];

    private static readonly string[] Waits =
    [
        "0", "-0", "-1", "0.0", "1e-9", "1e400", "30.1", "31", "NaN", "Infinity", "soon", "", "%00", "5%00", "0x1", "%EF%BC%91", "1,",
        "9999999999999999999", "-1&wait=0", "%",
    ];

    private static readonly string[] Methods =
        ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "get", "Post", "X", "M-SEARCH", "QUERY"];

    private static readonly string[] Paths =
    [
        "/", "/api", "/api/", "/api//", "/api/match", "/api/match/", "/api/match/join/", "/api//match/join", "/api/match//join",
        "/api/match/join;x=1", "/api/match/join%2f", "/api/match/%6aoin",
        "/API/MATCH/JOIN", "/api/match/../match/join", "/api/match/./join", "/api/match/%2e%2e/cleanup/orphaned-servers",
        "/api/%2e%2e/cleanup/orphaned-servers", "/api/cleanup/orphaned-servers",
        "/api/cleanup%2forphaned-servers", "/api/x/..%2fcleanup/orphaned-servers", "/api/match/%252e%252e/cleanup",
        "/cleanup/orphaned-servers", "/api/health", "/api/alive", "/api/match/join%zz", "/api/match/%",
        "/api/match/%e0%80%af/end", "/api/match/%ff/end", "/api/match/%c3%a9/end", "/api/match/\\/end", "/api/match/pending:p1/end",
        "/api/match/{session_id}/end", "/api/match/*/end", "/api/match/a|b/end",
        "/api/match/x/end/end", "/api/match/0b6e2a8e-0000-4000-8000-000000000001", "/api/sessions/active/", "/api/sessions/active?x=%",
        "/api/sessions/active#x", "/api/match/status?", "/api/match/status?player_id",
        "/api/match/status?player_id[]=x", "/api/match/status?player_id=%", "/api/match/status?player_id=%ff%fe",
        "/api/match/status?player_id=%ed%a0%80", "/api/match/status?&&&==&", "/api/match/events?player_id=",
        "/api/match/events?player_id=nobody", "/favicon.ico", "/.env", "/api/.env", "/api/match/status?player_id=<>\"{}|^`", "/api/docs/..",
        "/api/openapi/../x", "/alive", "/health",
    ];

    private static readonly string[] SessionIds =
    [
        "0b6e2a8e000040008000000000000001", "{0b6e2a8e-0000-4000-8000-000000000001}", "0b6e2a8e-0000-4000-8000-00000000000g",
        "0b6e2a8e-0000-4000-8000-0000000000011", "(x)", "null", "-1", "join", "end", "pending:",
        "0x0b6e2a8e", "'%20OR%20'1'='1", "%20", "%E2%80%AE", "%F0%9F%8E%AE", "*", "~", "0b6e2a8e-0000-4000-8000-00000000000%EF%BC%91",
    ];

    /// <summary>One call, or the life of one player in several.</summary>
    public static IReadOnlyList<HttpCall> Next(Random random) => random.Next(100) switch
    {
        < 25 => Life(random, PlayerIds.Valid(random)),
        < 45 => [WithInvalidId(random)],
        < 65 => [WithAnyBody(random)],
        < 72 => [WithAnyContentType(random)],
        < 80 => [WithAnyWait(random)],
        < 90 => [Request(random, Methods[random.Next(Methods.Length)], Paths[random.Next(Paths.Length)], "", [], HttpCall.Anything)],
        _ => [EndOfNothing(random)],
    };

    public static HttpCall Join(Random random, string player)
    {
        var json =
            $$"""{{Blank(random)}}{{Others(random)}}"player_id"{{Blank(random)}}:{{PlayerIds.InJson(random, player)}}{{Blank(random)}}}""";
        return Post(random, "/api/match/join", "{" + json, HttpCall.Ok("session_id", "pending:" + player)) with { Player = player };
    }

    public static HttpCall Status(Random random, string player, Func<HttpAnswer, string?> expected) =>
        Request(random, "GET", "/api/match/status?player_id=" + PlayerIds.InQuery(random, player), "", [], expected);

    public static HttpCall Leave(Random random, string player) =>
        Post(random, "/api/match/leave", $$"""{"player_id":{{PlayerIds.InJson(random, player)}}}""", HttpCall.Ok("status", "left"));

    public static HttpCall[] Life(Random random, string player) =>
    [
        Join(random, player),
        Status(random, player, HttpCall.Ok("status", "pending")),
        Leave(random, player),
        Status(random, player, HttpCall.Code(404)),
    ];

    private static HttpCall WithInvalidId(Random random)
    {
        var player = PlayerIds.Invalid(random);
        return random.Next(3) switch
        {
            0 => Join(random, player) with { Expected = HttpCall.Code(400), Player = null },
            1 => Leave(random, player) with { Expected = HttpCall.Code(400) },

            // Half a pair becomes a whole character in a query, and with that the id of somebody unknown.
            _ => Status(
                random, player, player.EnumerateRunes().Contains(Rune.ReplacementChar) ? HttpCall.Code(400, 404) : HttpCall.Code(400)),
        };
    }

    private static HttpCall WithAnyBody(Random random)
    {
        var path = random.Next(2) == 0 ? "/api/match/join" : "/api/match/leave";
        return random.Next(6) switch
        {
            0 => Post(random, path, Bodies[random.Next(Bodies.Length)], HttpCall.Anything),
            1 => Request(
                random, "POST", path, "Content-Type: application/json\r\n", LineShapes.Noise(random, most: 300), HttpCall.Code(400)),
            2 => Post(random, path, Deep(random), HttpCall.Code(400)),
            3 => Request(random, "POST", path, "Content-Type: application/json\r\n", Encoded(random), HttpCall.Anything),
            4 => Request(
                random,
                "POST",
                path,
                "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
                [0x1F, 0x8B, 8, 0, .. LineShapes.Noise(random, most: 100)],
                HttpCall.Code(400)),
            _ => Request(
                random,
                "POST",
                path,
                "Content-Type: application/json\r\n",
                LineShapes.Mutated(random, $$"""{"player_id":{{PlayerIds.InJson(random, PlayerIds.Valid(random))}}}"""),
                HttpCall.Anything),
        };
    }

    private static HttpCall WithAnyContentType(Random random)
    {
        var type = ContentTypes[random.Next(ContentTypes.Length)];
        var body = Encoding.UTF8.GetBytes($$"""{"player_id":{{PlayerIds.InJson(random, PlayerIds.Valid(random))}}}""");
        return Request(
            random, "POST", "/api/match/join", random.Next(12) == 0 ? "" : $"Content-Type: {type}\r\n", body, HttpCall.Code(200, 400, 415));
    }

    private static HttpCall WithAnyWait(Random random) => Request(
        random,
        "GET",
        $"/api/match/status?player_id=nobody-{random.Next()}&wait={Waits[random.Next(Waits.Length)]}",
        "",
        [],
        HttpCall.Code(400, 404));

    private static HttpCall EndOfNothing(Random random) => random.Next(3) == 0
        ? Request(random, "POST", $"/api/match/{new Guid(random.Next(), 0, 0, new byte[8])}/end", "", [], HttpCall.Code(404))
        : Request(random, "POST", $"/api/match/{SessionIds[random.Next(SessionIds.Length)]}/end", "", [], HttpCall.Code(400, 404));

    private static HttpCall Post(Random random, string path, string json, Func<HttpAnswer, string?> expected) =>
        Request(random, "POST", path, "Content-Type: application/json\r\n", Encoding.UTF8.GetBytes(json), expected);

    private static HttpCall Request(
        Random random, string method, string target, string headers, byte[] body, Func<HttpAnswer, string?> expected)
    {
        var isChunked = body.Length > 0 && random.Next(5) == 0;
        var accept = Accepts[random.Next(Accepts.Length)];
        var framing = isChunked ? "Transfer-Encoding: chunked\r\n"
            : body.Length > 0 || method == "POST" ? $"Content-Length: {body.Length}\r\n"
            : "";
        var head =
            $"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{(accept.Length > 0 ? $"Accept: {accept}\r\n" : "")}{headers}{framing}\r\n";
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head), .. isChunked ? Chunked(random, body) : body];
        return new HttpCall(bytes, expected) { HasBody = method != "HEAD" };
    }

    private static byte[] Chunked(Random random, byte[] body)
    {
        using var chunks = new MemoryStream();
        for (var start = 0; start < body.Length;)
        {
            var length = random.Next(1, body.Length - start + 1);
            chunks.Write(Encoding.ASCII.GetBytes($"{length:x}{(random.Next(3) == 0 ? ";x=y" : "")}\r\n"));
            chunks.Write(body, start, length);
            chunks.Write("\r\n"u8);
            start += length;
        }

        chunks.Write(random.Next(3) == 0 ? "0\r\nX-Trailer: y\r\n\r\n"u8 : "0\r\n\r\n"u8);
        return chunks.ToArray();
    }

    private static string Deep(Random random)
    {
        var depth = random.Next(70, 7000);
        return random.Next(2) == 0 ? new string('[', depth) + new string(']', depth) : "{\"player_id\":" + new string('[', depth);
    }

    private static byte[] Encoded(Random random)
    {
        Encoding[] encodings =
        [
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), new UnicodeEncoding(bigEndian: true, byteOrderMark: true),
            Encoding.Unicode, Encoding.UTF32,
        ];
        var encoding = encodings[random.Next(encodings.Length)];
        var json = $$"""{"player_id":{{PlayerIds.InJson(random, PlayerIds.Valid(random))}}}""";
        return [.. encoding.GetPreamble(), .. encoding.GetBytes(json)];
    }

    /// <summary>Fields that mean nothing, and the one that does with a value that a later one replaces.</summary>
    private static string Others(Random random) => random.Next(6) switch
    {
        0 => "\"x\":[1,{\"y\":null}],",
        1 => "\"player_id\":\"somebody else\",",
        2 => "\"playerid\":5,",
        _ => "",
    };

    private static string Blank(Random random) => random.Next(8) == 0 ? " \r\n\t" : "";
}
