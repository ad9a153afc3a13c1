using System.Net.Sockets;
using GameStack.GameServer.Lines;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.GameServer.Lines;

public sealed class ConnectionStateTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly SocketPair _pair = SocketPair.Connect();
    private readonly ConnectionEvents _events = new();
    private readonly ConnectionState _state;

    public ConnectionStateTests() => _state = new ConnectionState(_pair.Ours, _time, _events);

    [Fact]
    public void A_connection_without_a_limit_stays_open()
    {
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, _events.LimitTicks);
        Assert.True(_state.IsOpen);
    }

    [Fact]
    public void A_connection_is_dropped_when_its_limit_passes()
    {
        _state.DropAfter(Limit);
        _time.Advance(Limit);
        Assert.Equal(1, _events.LimitTicks);

        _state.CheckLimit();

        Assert.True(_state.IsClosed);
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(_pair.ReadToEnd).SocketErrorCode);
    }

    [Fact]
    public void A_limit_that_is_removed_does_not_pass()
    {
        _state.DropAfter(Limit);
        _state.RemoveLimit();
        _time.Advance(Limit);

        _state.CheckLimit();

        Assert.True(_state.IsOpen);
    }

    [Fact]
    public void The_late_tick_of_an_earlier_limit_does_not_end_the_connection()
    {
        _state.DropAfter(Limit);
        _time.Advance(Limit);
        _state.DropAfter(Limit);

        _state.CheckLimit();

        Assert.True(_state.IsOpen);
    }

    [Fact]
    public void A_farewell_lets_the_peer_read_to_the_end_before_the_connection_closes()
    {
        _pair.Ours.Send("last\n"u8);
        _state.BeginClosing();
        Assert.True(_state.IsClosing);

        _state.SayFarewell();

        Assert.Equal("last\n"u8, _pair.ReadToEnd());
        Assert.False(_state.IsClosed);
    }

    [Fact]
    public void A_peer_that_does_not_close_after_a_farewell_is_closed()
    {
        _state.BeginClosing();
        _state.SayFarewell();
        _time.Advance(ConnectionState.FarewellLimit);

        _state.CheckLimit();

        Assert.True(_state.IsClosed);
    }

    [Fact]
    public void A_closed_connection_does_not_begin_to_close()
    {
        _state.Close();

        _state.BeginClosing();
        _state.DropAfter(Limit);

        Assert.True(_state.IsClosed);
        Assert.False(_state.IsClosing);
    }

    public void Dispose()
    {
        _state.Close();
        _pair.Dispose();
    }
}
