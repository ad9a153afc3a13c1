namespace GameStack.LoadTester.Run;

/// <summary>What standard output contains.</summary>
internal enum OutputFormat
{
    /// <summary>The progress of the run, and a summary for human readers.</summary>
    Text,

    /// <summary>The summary as one JSON document; the progress goes to standard error.</summary>
    Json,
}
