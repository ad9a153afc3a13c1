using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GameStack.Contracts.Api;

namespace GameStack.LoadTester.Stack;

/// <summary>
/// Reads the statuses of a stream of server-sent events: <c>event: status</c>, <c>data: {"status":"pending"}</c>, and an empty line.
/// </summary>
internal static class StatusStream
{
    /// <summary>Every status until the stream ends. If there is a fault, it is the last element.</summary>
    public static async IAsyncEnumerable<ApiAnswer<StatusResponse>> ReadAsync(
        HttpContent content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        await using var events = SseParser.Create(stream, (_, data) => ReadStatus(data))
            .EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(events) is { } answer)
        {
            yield return answer;
        }
    }

    /// <summary>Returns null at the end of the stream.</summary>
    private static async Task<ApiAnswer<StatusResponse>?> NextAsync(IAsyncEnumerator<SseItem<StatusResponse?>> events)
    {
        try
        {
            if (!await events.MoveNextAsync())
            {
                return null;
            }

            return events.Current.Data is { } status ? ApiAnswer<StatusResponse>.Of(status) : ApiAnswer<StatusResponse>.Unreadable();
        }
        catch (HttpRequestException exception)
        {
            return ApiAnswer<StatusResponse>.Unanswered(NetworkFault.Describe(exception));
        }
        catch (IOException)
        {
            return ApiAnswer<StatusResponse>.Unanswered("stream lost");
        }
        catch (JsonException)
        {
            return ApiAnswer<StatusResponse>.Unreadable();
        }
    }

    private static StatusResponse? ReadStatus(ReadOnlySpan<byte> data) =>
        JsonSerializer.Deserialize(data, MatchApiJson.Default.StatusResponse);
}
