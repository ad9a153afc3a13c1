using System.Net.Sockets;
using System.Text;
using GameStack.GameServer.Lines;
using GameStack.Tests.Support;

namespace GameStack.Tests.GameServer.Lines;

public sealed class LineReaderTests : IDisposable
{
    private readonly SocketPair _pair = SocketPair.Connect();
    private readonly Handler _handler = new();
    private LineReader _reader;

    [Fact]
    public void Each_line_of_one_read_is_handed_over_without_its_end()
    {
        Assert.True(Read("one\ntwo\r\n\n"));

        Assert.Equal(["one", "two", ""], _handler.Lines);
    }

    [Fact]
    public void A_line_may_arrive_in_pieces()
    {
        Assert.True(Read("on"));
        Assert.Empty(_handler.Lines);

        Assert.True(Read("e\ntw"));
        Assert.True(Read("o\n"));

        Assert.Equal(["one", "two"], _handler.Lines);
    }

    [Fact]
    public void A_line_may_be_longer_than_one_read()
    {
        _handler.MaxLineBytes = 10 * LineReader.ReadBytes;
        var line = new string('x', (2 * LineReader.ReadBytes) + 100);
        _pair.Theirs.Send(Encoding.ASCII.GetBytes(line + "\n"));

        while (_handler.Lines.Count == 0)
        {
            Assert.True(ReadOnce());
        }

        Assert.Equal([line], _handler.Lines);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(9, true)]
    public void A_line_has_at_most_the_longest_length_with_its_end(int length, bool isTooLong)
    {
        _handler.MaxLineBytes = 9;

        Read(new string('x', length) + "\n");

        Assert.Equal(isTooLong, _handler.IsTooLong);
    }

    [Fact]
    public void A_line_that_is_too_long_is_noticed_before_its_end_arrives()
    {
        _handler.MaxLineBytes = 9;
        Read("12345");
        Assert.False(_handler.IsTooLong);

        Read("6789");

        Assert.True(_handler.IsTooLong);
    }

    [Fact]
    public void After_a_line_that_ends_the_connection_no_other_line_is_handed_over()
    {
        _handler.LinesWanted = 1;

        Assert.True(Read("one\ntwo\n"));

        Assert.Equal(["one"], _handler.Lines);
    }

    [Fact]
    public void A_cleared_reader_has_forgotten_the_unfinished_line()
    {
        Read("on");
        _reader.Clear();

        Read("two\n");

        Assert.Equal(["two"], _handler.Lines);
    }

    [Fact]
    public void Without_input_the_connection_is_still_there()
    {
        Assert.True(_reader.Read(_pair.Ours, _handler));
    }

    [Fact]
    public void The_peers_close_ends_the_connection()
    {
        _pair.Theirs.Shutdown(SocketShutdown.Send);

        Assert.False(ReadOnce());
    }

    public void Dispose() => _pair.Dispose();

    private bool Read(string text)
    {
        _pair.Theirs.Send(Encoding.ASCII.GetBytes(text));
        return ReadOnce();
    }

    private bool ReadOnce()
    {
        Assert.True(_pair.Ours.Poll(Waits.Patient, SelectMode.SelectRead));
        return _reader.Read(_pair.Ours, _handler);
    }

    private sealed class Handler : ILineHandler
    {
        public List<string> Lines { get; } = [];

        public int LinesWanted { get; set; } = int.MaxValue;

        public bool IsTooLong { get; private set; }

        public bool WantsLines => Lines.Count < LinesWanted;

        public int MaxLineBytes { get; set; } = 1024;

        public void OnLine(ReadOnlySpan<byte> line) => Lines.Add(Encoding.ASCII.GetString(line));

        public void OnLineTooLong() => IsTooLong = true;
    }
}
