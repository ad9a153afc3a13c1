using System.Text;
using GameStack.Tests.GameServer;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>Lines for the control port: right, nearly right, and nothing of the kind.</summary>
internal static class ControlLines
{
    public const string Session = "0b6e2a8e-0000-4000-8000-00000000abcd";

    private static readonly string[] Sessions =
    [
        Session, Session.ToUpperInvariant(), "0b6e2a8e-0000-4000-8000-000000000002", "00000000-0000-0000-0000-000000000000",
        "0b6e2a8e00004000800000000000abcd",
        "{" + Session + "}", "0x0b6e2a8e-0000-4000-8000-00000000abcd", Session[..^1], Session + "0", "", "p1",
        "0b6e2a8e-0000-4000-8000-00000000abc\uff11",
    ];

    private static readonly string[] Players =
    [
        "[]", "[ ]", "[\"p1\",\"p2\"]", "[ \"p1\" , \"p2\" ]", "[\"\"]", "[\"\\u0000\"]", "[\"\\ud800\"]", "[\"\\n\"]", "[\"a\nb\"]",
        "[\"🎮\"]", "[\"p1\",]", "[,]", "[\"p1\"", "[\"p1",
        "[null]", "[1]", "[[\"p1\"]]", "{}", "{\"p1\":1}", "null", "\"p1\"", "[] []", "[]//", "[/**/]", "\ufeff[]", "[\"p1\"]\0", "['p1']",
        "[\"\\x\"]", "[\"\\u12\"]", "",
    ];

    public static byte[] Next(Random random)
    {
        // Most connections have to get in, or nothing beyond the door would be tried.
        if (random.Next(8) == 0)
        {
            return Encoding.UTF8.GetBytes("AUTH " + GameServerProcess.Token);
        }

        return random.Next(200) switch
        {
            < 25 => LineShapes.Dressed(random, "SESSION"),
            < 90 => Encoding.UTF8.GetBytes(Assign(random).ReplaceLineEndings(" ")),
            < 140 => LineShapes.Mutated(random, Assign(random)),
            < 145 => LineShapes.Mutated(random, random.Next(2) == 0 ? "STOP" : "SESSION"),
            < 147 => LineShapes.Mutated(random, "AUTH " + GameServerProcess.Token),
            < 197 => LineShapes.Noise(random, most: 80),
            < 199 => Encoding.UTF8.GetBytes($"ASSIGN {Session} {Deep(random)}"),
            _ => LineShapes.Long(random, "ASSIGN " + Session + " [\"", limit: random.Next(4) > 0 ? 1024 : 128 * 1024),
        };
    }

    private static string Assign(Random random) =>
        $"{(random.Next(2) == 0 ? "ASSIGN" : "assign")} {Sessions[random.Next(Sessions.Length)]} {Players[random.Next(Players.Length)]}";

    private static string Deep(Random random)
    {
        var depth = random.Next(1, 4000);
        return new string('[', depth) + new string(']', random.Next(2) == 0 ? depth : 0);
    }
}
