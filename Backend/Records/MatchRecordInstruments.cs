using System.Diagnostics.Metrics;

namespace GameStack.Backend.Records;

/// <summary>The metrics of carrying records from the outbox to Postgres.</summary>
internal sealed class MatchRecordInstruments
{
    public MatchRecordInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("GameStack.Backend.Matches");
        Written = meter.CreateCounter<long>("gamestack.outbox.written", "{record}",
            "Records that were written to Postgres and taken out of the outbox.");
        Refused = meter.CreateCounter<long>("gamestack.outbox.refused", "{record}",
            "Records that Postgres refused, or that could not be read, and that were set aside.");
        Dropped = meter.CreateCounter<long>("gamestack.outbox.dropped", "{record}",
            "Records that were dropped because the outbox was full; they never reach Postgres.");
        Deleted = meter.CreateCounter<long>("gamestack.records.deleted", "{record}",
            "Records that were deleted from Postgres because they were old.");
        Failures = meter.CreateCounter<long>("gamestack.outbox.failures", "{attempt}", "Attempts to write that failed and are made again.");
        WriteDuration = meter.CreateHistogram<double>("gamestack.outbox.write.duration", "s", "How long a batch took to write.");
    }

    public Counter<long> Written { get; }

    public Counter<long> Refused { get; }

    public Counter<long> Dropped { get; }

    public Counter<long> Deleted { get; }

    public Counter<long> Failures { get; }

    public Histogram<double> WriteDuration { get; }
}
