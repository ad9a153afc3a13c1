using GameStack.ServiceDefaults.Calling;
using GameStack.Tests.Support.Faults;

namespace GameStack.Tests.ServiceDefaults.Calling;

public sealed class ClientConnectionTests
{
    /// <summary>Without it, about one call in 60 meets the reset between connecting and the handler's question.</summary>
    private const int Calls = 1000;

    [Fact]
    public async Task A_peer_that_resets_the_new_connection_fails_the_call_with_an_HttpRequestException()
    {
        await using var peer = new ResettingListener();
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = ClientConnection.OpenAsync });

        for (var i = 0; i < Calls; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(peer.Url, TestContext.Current.CancellationToken));
        }
    }
}
