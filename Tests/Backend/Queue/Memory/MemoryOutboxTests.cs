using GameStack.Backend.Queue;
using GameStack.Backend.Queue.Memory;
using GameStack.Tests.Backend.Records;

namespace GameStack.Tests.Backend.Queue.Memory;

public sealed class MemoryOutboxTests
{
    [Fact]
    public async Task When_it_is_full_the_oldest_records_are_dropped()
    {
        using var losses = new TestLosses();
        var outbox = new MemoryOutbox(new QueueSignals(), losses.Losses);
        var first = TestRecords.New("first");
        var last = TestRecords.New("last");
        outbox.Write(first);
        outbox.Write(last);
        for (var i = 1; i < MemoryOutbox.MostEntries; i++)
        {
            outbox.Write(TestRecords.New("later"));
        }

        var entries = await outbox.ReadAsync(int.MaxValue, TestContext.Current.CancellationToken);

        Assert.Equal(MemoryOutbox.MostEntries, entries.Count);
        Assert.Same(last, entries[0].Record);
        Assert.Equal(1, losses.Dropped);
    }
}
