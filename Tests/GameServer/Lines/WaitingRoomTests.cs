using System.Net;
using System.Text;
using GameStack.GameServer.Lines;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.GameServer.Lines;

public sealed class WaitingRoomTests : IDisposable
{
    private static readonly IPAddress Hasty = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress Calm = IPAddress.Parse("10.0.0.2");

    private readonly FakeTimeProvider _time = new();
    private readonly List<SocketPair> _sockets = [];
    private readonly WaitingRoom _room;

    public WaitingRoomTests() => _room = new WaitingRoom(() => 4, TimeSpan.FromSeconds(5), _time);

    public void Dispose() => _sockets.ForEach(pair => pair.Dispose());

    [Fact]
    public void An_address_that_hurries_displaces_only_its_own_connections()
    {
        var calm = Connect();
        _room.Enter(calm, Calm, out _);
        for (var i = 0; i < 3; i++)
        {
            _room.Enter(Connect(), Hasty, out var nobody);
            Assert.Null(nobody);
        }

        for (var i = 0; i < 10; i++)
        {
            _room.Enter(Connect(), Hasty, out var displaced);
            Assert.NotNull(displaced);
            Assert.NotSame(calm, displaced);
        }
    }

    [Fact]
    public void A_newcomer_from_another_address_takes_the_place_of_the_oldest()
    {
        var oldest = Connect();
        _room.Enter(oldest, Hasty, out _);
        for (var i = 0; i < 3; i++)
        {
            _room.Enter(Connect(), Hasty, out _);
        }

        _room.Enter(Connect(), Calm, out var displaced);

        Assert.Same(oldest, displaced);
    }

    [Fact]
    public void A_connection_whose_time_is_over_no_longer_counts()
    {
        for (var i = 0; i < 4; i++)
        {
            _room.Enter(Connect(), Hasty, out _);
        }

        _time.Advance(TimeSpan.FromSeconds(6));

        _room.Enter(Connect(), Hasty, out var displaced);
        Assert.Null(displaced);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "HI\n")]
    public void A_connection_that_shows_who_it_is_as_it_loses_its_place_stays(bool isShown, string heard)
    {
        var displaced = Connect();
        var expired = Connect();
        (displaced.IsKnown, expired.IsKnown) = (isShown, isShown);

        displaced.Displace();
        expired.Expire();

        displaced.TellAndClose("HI\n"u8);
        expired.TellAndClose("HI\n"u8);
        Assert.All(_sockets, pair => Assert.Equal(heard, Encoding.ASCII.GetString(pair.ReadToEnd())));
    }

    private Connection Connect()
    {
        var pair = SocketPair.Connect();
        _sockets.Add(pair);
        return new Connection(pair, _time);
    }

    private sealed class Connection(SocketPair pair, TimeProvider time) : LineConnection(pair.Ours, time)
    {
        public bool IsKnown { get; set; }

        protected override int MaxLineBytes => 100;

        protected override bool IsStranger => !IsKnown;

        protected override void OnLine(ReadOnlySpan<byte> line)
        {
        }

        protected override void OnLineTooLong()
        {
        }

        protected override void OnClosed()
        {
        }
    }
}
