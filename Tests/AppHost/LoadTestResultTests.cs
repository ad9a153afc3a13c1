using GameStack.AppHost.Commands;

namespace GameStack.Tests.AppHost;

public sealed class LoadTestResultTests
{
    [Theory]
    [InlineData(null, "", "The load tester ended without a summary; see its console log.")]
    [InlineData(null, """{"matched": 60, "pla""", "The load tester ended without a summary; see its console log.")]
    [InlineData(104, "", "The load tester exited with code 104 without a summary; see its console log.")]
    public void A_load_tester_that_wrote_no_whole_summary_has_failed(int? exitCode, string summary, string expected)
    {
        var result = LoadTestCommand.Result(exitCode, summary);

        Assert.Equal((false, expected), (result.Success, result.Message));
    }
}
