using System.Text;
using GameStack.GameServer.Control;

namespace GameStack.Tests.GameServer.Control;

public sealed class ControlCommandTests
{
    [Theory]
    [InlineData("AUTH secret with spaces", "Auth", "secret with spaces")]
    [InlineData("auth", "Auth", "")]
    [InlineData("ASSIGN id []", "Assign", "id []")]
    [InlineData("longest_match 7200", "LongestMatch", "7200")]
    [InlineData("tickets {}", "Tickets", "{}")]
    [InlineData("SESSION", "Session", "")]
    [InlineData("get_state", "GetState", "")]
    [InlineData("GET_RUNNING_LENGTH", "GetRunningLength", "")]
    [InlineData("STOP", "Stop", "")]
    [InlineData("STOP now", "Unknown", "")]
    [InlineData(" STOP", "Unknown", "")]
    [InlineData("", "Unknown", "")]
    public void A_line_is_a_command_and_its_arguments(string line, string kind, string arguments)
    {
        var command = ControlCommand.Parse(Encoding.ASCII.GetBytes(line));

        Assert.Equal(kind, command.Kind.ToString());
        Assert.Equal(arguments, Encoding.ASCII.GetString(command.Arguments));
    }
}
