namespace GameStack.LoadTester.Report;

internal static class MeasureNames
{
    public static string Name(this Measure measure) =>
        measure switch
        {
            Measure.Join => "join",
            Measure.Match => "match",
            Measure.Connect => "connect",
            Measure.Play => "play",
            Measure.End => "end",
            _ => "join_to_connected",
        };

    /// <summary>The measure's label for human readers.</summary>
    public static string Label(this Measure measure) =>
        measure switch
        {
            Measure.Match => "match (from join)",
            Measure.Connect => "connect (from matched)",
            Measure.JoinToConnected => "join to connected",
            _ => measure.Name(),
        };
}
