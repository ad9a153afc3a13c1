using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GameStack.Tests.Scenarios.Fuzz;

/// <summary>
/// One client that sends generated lines over one connection after the other, many at once and cut at random places, and compares every
/// byte that comes back with what the model says.
/// </summary>
/// <param name="port">On loopback.</param>
/// <param name="random">What all of its choices come from.</param>
/// <param name="model">A new one for each connection.</param>
/// <param name="next">The next line, without its end.</param>
internal sealed class LineFuzz(int port, Random random, Func<ILineModel> model, Func<Random, byte[]> next)
{
    private const int MostLinesAtOnce = 1000;

    private readonly ArrayBufferWriter<byte> _input = new();
    private readonly ArrayBufferWriter<byte> _expected = new();
    private readonly List<(int End, byte[] Line)> _answers = [];
    private byte[] _received = new byte[64 * 1024];

    public async Task RunAsync(int lines, CancellationToken cancellationToken)
    {
        while (lines > 0)
        {
            lines -= await UseConnectionAsync(lines, cancellationToken);
        }
    }

    private async Task<int> UseConnectionAsync(int most, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        var lineModel = model();
        var sent = 0;
        var closes = false;
        for (var batches = random.Next(1, 30); batches > 0 && sent < most && !closes; batches--)
        {
            sent += Write(lineModel, Math.Min(most - sent, random.Next(1, MostLinesAtOnce)), out closes);
            var sending = SendAsync(socket, cancellationToken);
            await ReadAndCompareAsync(socket, cancellationToken);
            await sending;
        }

        await LeaveAsync(socket, closes, cancellationToken);
        return sent;
    }

    private int Write(ILineModel lineModel, int most, out bool closes)
    {
        _input.ResetWrittenCount();
        _expected.ResetWrittenCount();
        _answers.Clear();
        closes = false;
        var count = 0;
        while (count < most && !closes)
        {
            var line = next(random);
            var answer = lineModel.AnswerTo(line);
            if (answer == LineAnswer.LeftOut)
            {
                continue;
            }

            _input.Write(line);
            _input.Write("\n"u8);
            _expected.Write(answer.Text);
            _answers.Add((_expected.WrittenCount, line));
            closes = answer.Closes;
            count++;
        }

        return count;
    }

    private async Task SendAsync(Socket socket, CancellationToken cancellationToken)
    {
        var input = _input.WrittenMemory;
        var pieces = random.Next(8) == 0 ? random.Next(1, 64) : random.Next(1, 4);
        while (input.Length > 0)
        {
            var length = pieces-- > 1 ? random.Next(1, input.Length + 1) : input.Length;
            await socket.SendAsync(input[..length], cancellationToken);
            input = input[length..];
        }
    }

    private async Task ReadAndCompareAsync(Socket socket, CancellationToken cancellationToken)
    {
        var length = _expected.WrittenCount;
        _received = _received.Length < length ? new byte[2 * length] : _received;
        var count = 0;
        while (count < length && _received.AsSpan(0, count).SequenceEqual(_expected.WrittenSpan[..count]))
        {
            var more = await socket.ReceiveAsync(_received.AsMemory(count, length - count), cancellationToken);
            if (more == 0)
            {
                break;
            }

            count += more;
        }

        var same = _received.AsSpan(0, count).CommonPrefixLength(_expected.WrittenSpan);
        if (same < length)
        {
            Assert.Fail(Describe(same, count));
        }
    }

    /// <summary>Nothing more may come than was asked for. A half line before it is nobody's business.</summary>
    private async Task LeaveAsync(Socket socket, bool closes, CancellationToken cancellationToken)
    {
        if (!closes)
        {
            var half = next(random);
            if (random.Next(2) == 0 && half.Length < 512)
            {
                await socket.SendAsync(half, cancellationToken);
            }

            if (random.Next(4) == 0)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                return;
            }

            socket.Shutdown(SocketShutdown.Send);
        }

        var more = await socket.ReceiveAsync(_received, cancellationToken);
        Assert.True(more == 0, $"{FuzzRun.Name}: after the last answer came {Escape(_received.AsSpan(0, more))}");
    }

    private string Describe(int same, int count)
    {
        var index = _answers.FindIndex(answer => answer.End > same);
        var start = index == 0 ? 0 : _answers[index - 1].End;
        var line = _answers[index].Line;
        var expected = _expected.WrittenSpan[start.._answers[index].End];
        var actual = _received.AsSpan(start, Math.Min(count, start + 80) - start);
        return $"{FuzzRun.Name}: to the line of {line.Length} bytes '{Escape(line.AsSpan(0, Math.Min(line.Length, 200)))}' the answer is "
            + $"'{Escape(actual)}'{(count == same ? " and then nothing" : "")} instead of '{Escape(expected)}'.";
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var letter in bytes)
        {
            text.Append(letter is >= 32 and < 127 ? ((char)letter).ToString() : $"\\x{letter:x2}");
        }

        return text.ToString();
    }
}
