using GameStack.AppHost.Commands;
using GameStack.Tests.Scenarios;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

public sealed class EndAllMatchesTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    [Fact]
    public async Task Without_an_operators_right_the_command_fails_and_the_match_goes_on()
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync(
            "backend", new StackSettings { SessionSize = 2 }, ("Operators__Access", "Operators"));
        await backend.Client.JoinAndWaitAsync(Players.New("player", 2), Cancelled);

        var result = await EndAllMatchesCommand.EndAllMatchesAsync(backend.Http, Cancelled);

        Assert.Equal(
            (false, "Only an operator may end all matches: set Operators__Key, and start the stack again."),
            (result.Success, result.Message));
        Assert.Equal(1, (await backend.Client.ActiveSessionsAsync(Cancelled)).Ok().Number("count"));
    }
}
