using System.Globalization;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>Lines for the game port: right, nearly right, and nothing of the kind.</summary>
internal static class GameLines
{
    private const string Ticket =
        "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsifQ.eyJpc3MiOiJnYW1lc3RhY2siLCJhdWQiOiJnYW1lc3RhY2s6bWF0Y2gifQ.AAAA";

    private static readonly string[] Words =
    [
        "GET_STATE", "GET_RUNNING_LENGTH", "REQUEST_MATCH", "REQUEST_MATCH 30", "REQUEST_MATCH 86400", "GET_STATE", "GET_RUNNING_LENGTH",
        "REQUEST_MATCH 30", "GET_ROSTER", "LEAVE", "JOIN",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "+0", "0.0", "-0.0", "0e5", "1", "+1", "-1", "01", "1.", ".5", ".", "-.5", "1e2", "1E+2", "1e-2", "1e", "1e+", "e5",
        "1e308", "1e309", "-1e308",
        "5e-324", "1e-400", "1e99999999999999999999", "86400", "86400.0", "86400.0001", "86399.9999", "86400.00000000000001", "8.64e4",
        "8.6401e4", "086400",
        "NaN", "nan", "-NaN", "Infinity", "-Infinity", "inf", "\u221e", "0x10", "#10", "1_000", "1,000", "1'000", "1 000", "5 ", " 5",
        "5 5", "5s", "5\0", "5\0\0", "\u00005", "5\t",
        "$5", "(5)", "5-", "5%", "\u0665", "\uff15", "\u06f5", "1\u00a0", "--5", "+-5", "2147483648", "9223372036854775808",
        "18446744073709551616", "0.000000000000000001",
        "null", "true", "{}", "[]", "\"5\"", "",
    ];

    public static byte[] Next(Random random) => random.Next(100) switch
    {
        < 25 => LineShapes.Dressed(random, Words[random.Next(Words.Length)]),
        < 26 => LineShapes.Mutated(random, "JOIN " + Ticket),
        < 50 => LineShapes.Dressed(random, "REQUEST_MATCH " + Number(random)),
        < 75 => LineShapes.Mutated(random, random.Next(2) == 0 ? Words[random.Next(Words.Length)] : "REQUEST_MATCH " + Number(random)),
        < 99 => LineShapes.Noise(random, most: 60),
        _ => random.Next(20) > 0
            ? LineShapes.Noise(random, most: 1000)
            : LineShapes.Long(random, Words[random.Next(Words.Length)] + " ", limit: 4096),
    };

    private static string Number(Random random) => random.Next(4) switch
    {
        0 => (random.NextDouble() * 100_000).ToString("F" + random.Next(0, 20), CultureInfo.InvariantCulture),
        1 => BitConverter.Int64BitsToDouble(random.NextInt64()).ToString("R", CultureInfo.InvariantCulture),
        _ => Numbers[random.Next(Numbers.Length)],
    };
}
