using GameStack.ServiceDefaults;
using GameStack.ServiceDefaults.Settings;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.ServiceDefaults.Settings;

public sealed class ReplaceableFilesTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecords _log = new();
    private readonly ReplaceableFiles<string> _files;

    /// <summary>What each reading of new content does before it ends.</summary>
    private Action _whileReading = () => { };

    public ReplaceableFilesTests()
    {
        Write("a", "1");
        Write("b", "2");
        _files = new ReplaceableFiles<string>([PathOf("a"), PathOf("b")], Parse, _time, _log);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void Content_is_the_same_object_until_a_file_has_changed_and_the_age_is_reached()
    {
        var first = _files.Get(Second);
        _time.Advance(Second);
        Assert.Same(first, _files.Get(Second));

        Write("b", "3");
        Assert.Same(first, _files.Get(Second));
        _time.Advance(Second);
        Assert.Same(first, _files.Get(2 * Second));
        Assert.Equal("1+3", _files.Get(Second));
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public void Unusable_content_is_named_once_and_changes_nothing_until_it_is_mended(string? content)
    {
        Write("b", content);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Second);
            Assert.Equal("1+2", _files.Get(Second));
        }

        var record = Assert.Single(_log.Of(EventIds.FileUnusable));
        Assert.Contains(PathOf("b"), record.Message, StringComparison.Ordinal);

        Write("b", "4");
        _time.Advance(Second);
        Assert.Equal("1+4", _files.Get(Second));
    }

    [Fact]
    public void A_file_that_is_missing_twice_is_gone_until_it_is_back()
    {
        Write("b", null);
        _time.Advance(Second);
        Assert.Equal(("1+2", false), (_files.Get(Second), _files.IsGone));
        _time.Advance(Second);
        Assert.Equal(("1+2", true), (_files.Get(Second), _files.IsGone));

        Write("b", "2");
        _time.Advance(Second);
        Assert.Equal(("1+2", false), (_files.Get(Second), _files.IsGone));
    }

    [Fact]
    public void Unusable_content_at_the_start_is_the_callers_to_report()
    {
        Write("a", "wrong");
        Assert.Throws<ArgumentException>(() => new ReplaceableFiles<string>([PathOf("a")], Parse, _time, _log));
    }

    [Fact]
    public void Content_is_not_taken_for_fresh_while_another_thread_still_reads_it()
    {
        Write("b", "3");
        _time.Advance(Second);
        string? other = null;
        var thread = new Thread(() => other = _files.Get(Second));
        _whileReading = () =>
        {
            thread.Start();
            SpinWait.SpinUntil(() => !thread.IsAlive || thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        };

        Assert.Equal("1+3", _files.Get(Second));
        thread.Join();
        Assert.Equal("1+3", other);
    }

    private string Parse(IReadOnlyList<string> texts)
    {
        _whileReading();
        return texts.Contains("wrong") ? throw new ArgumentException("No key.", nameof(texts)) : string.Join('+', texts);
    }

    private string PathOf(string file) => Path.Combine(_folder.Path, file);

    private void Write(string file, string? text)
    {
        if (text is null)
            File.Delete(PathOf(file));
        else
            File.WriteAllText(PathOf(file), text);
    }
}
