using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>One client of the proxy that makes generated calls and looks at every answer.</summary>
internal sealed class HttpFuzz(Uri proxy, Random random)
{
    private const int MostCallsAtOnce = 24;
    private const string PendingId = "pending:";

    private HttpConnection? _connection;

    /// <summary>Answers by status code; 0 for a connection that was closed without one.</summary>
    public SortedDictionary<int, int> Answers { get; } = [];

    /// <summary>The first wrong answer of each kind: one finding must not hide another.</summary>
    public Dictionary<string, string> Failures { get; } = [];

    public async Task RunAsync(int calls, CancellationToken cancellationToken)
    {
        while (calls > 0)
        {
            var batch = new List<HttpCall>();
            for (var count = random.Next(1, MostCallsAtOnce); batch.Count < count;)
            {
                batch.AddRange(HttpCalls.Next(random));
            }

            await MakeAsync(batch, cancellationToken);
            calls -= batch.Count;
            for (var broken = random.Next(4); broken > 0; broken--, calls--)
            {
                await MakeAloneAsync(BrokenCalls.Next(random), cancellationToken);
            }
        }

        _connection?.Dispose();
    }

    /// <summary>Over one connection, one behind the other without waiting. Each is answered, in this order.</summary>
    private async Task MakeAsync(IReadOnlyList<HttpCall> calls, CancellationToken cancellationToken)
    {
        if (_connection is not null && random.Next(20) == 0)
        {
            _connection.Dispose();
            _connection = null;
        }

        _connection ??= await HttpConnection.ConnectAsync(proxy, cancellationToken);
        await _connection.TrySendAsync(calls.SelectMany(call => call.Bytes).ToArray(), cancellationToken);
        var strangers = new List<string>();
        foreach (var call in calls)
        {
            if (await _connection.ReadAsync(call.HasBody, cancellationToken) is not { } answer)
            {
                throw new InvalidOperationException(Describe(call, answer: null, "every call is answered"));
            }

            Check(call, answer);
            if (call.Player is null && TicketOf(answer) is { } player)
            {
                strangers.Add(player);
            }
        }

        // Mutations that happen to be right join somebody, who has to be in the queue and is then taken out of it.
        foreach (var player in strangers)
        {
            await MakeAsync(
                [HttpCalls.Status(random, player, HttpCall.Ok("status", "pending")), HttpCalls.Leave(random, player)], cancellationToken);
        }
    }

    private async Task MakeAloneAsync(HttpCall call, CancellationToken cancellationToken)
    {
        HttpAnswer? answer;
        using (var connection = await HttpConnection.ConnectAsync(proxy, cancellationToken))
        {
            await connection.TrySendAsync(call.Bytes, cancellationToken);
            if (call.IsCutOff)
            {
                connection.EndInput();
            }

            answer = await connection.ReadAsync(call.HasBody, cancellationToken);
        }

        if (answer is null)
        {
            Count(0);
        }
        else
        {
            Check(call, answer);
        }

        if (call.Player is { } player)
        {
            var expected = answer?.Code == 200 ? HttpCall.Ok("status", "pending") : HttpCall.Code(404, 200);
            await MakeAsync([HttpCalls.Status(random, player, expected), HttpCalls.Leave(random, player)], cancellationToken);
        }

        if (call.Hidden is { } hidden)
        {
            await MakeAsync([HttpCalls.Status(random, hidden, HttpCall.Code(404))], cancellationToken);
        }
    }

    private static string? TicketOf(HttpAnswer answer) =>
        answer.Code == 200 && answer.Field("session_id") is { } id && id.StartsWith(PendingId, StringComparison.Ordinal)
            ? id[PendingId.Length..]
            : null;

    private void Check(HttpCall call, HttpAnswer answer)
    {
        Count(answer.Code);
        if ((answer.Fault(call.HasBody) ?? call.Expected(answer)) is { } fault)
        {
            Failures.TryAdd($"{answer.Code}: {fault}", Describe(call, answer, fault));
        }
    }

    private void Count(int code) => Answers[code] = Answers.GetValueOrDefault(code) + 1;

    private static string Describe(HttpCall call, HttpAnswer? answer, string fault) =>
        $"{FuzzRun.Name}: {fault}, but the answer is "
        + $"{(answer is null ? "a closed connection" : $"{answer.Code} {answer.MediaType} {answer.Text}")} to{Environment.NewLine}"
        + Encoding.Latin1.GetString(call.Bytes[..Math.Min(call.Bytes.Length, 1000)]);
}
