using System.Text;

using GameStack.Backend.GameServers;

namespace GameStack.Tests.Backend.GameServers;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("one", new[] { "one" })]
    [InlineData("one\ntwo\r\n\nthree", new[] { "one", "two", "", "three" })]
    [InlineData("12345678\nnext\n", new[] { "12345678", "next" })]
    [InlineData("1234567890\nnext\n", new[] { "12345678", "next" })]
    [InlineData("123456781234567812345678\nnext\n12345678", new[] { "12345678", "next", "12345678" })]
    [InlineData("1234567812345678", new[] { "12345678" })]
    public async Task Lines_end_at_the_newline_and_long_ones_are_cut(string text, string[] expected)
    {
        foreach (var chunk in new[] { 1, 3, 100 })
        {
            var lines = new LineReader(new ChunkedStream(Encoding.UTF8.GetBytes(text), chunk), maxBytes: 8);
            var read = new List<string>();
            while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                read.Add(line);
            }

            Assert.Equal(expected, read);
        }
    }

    /// <summary>Gives out at most so many bytes at a time, as a pipe may.</summary>
    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
    }
}
