using System.Net;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Tests.ServiceDefaults.Listening;

public sealed class SlotsTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");

    private readonly Slots _slots = new(capacity: 4, mostPerAddress: 2);

    [Fact]
    public void One_address_has_its_share_and_others_have_the_rest()
    {
        Assert.Equal([SlotOutcome.Taken, SlotOutcome.Taken, SlotOutcome.AddressFull], Take(One, 3));
        Assert.Equal([SlotOutcome.Taken, SlotOutcome.Taken, SlotOutcome.Full], Take(Other, 3));
    }

    [Fact]
    public void A_client_with_many_IPv6_networks_has_two_shares_and_others_have_the_rest()
    {
        var slots = new Slots(capacity: 100, mostPerAddress: 4);
        var outcomes = Enumerable.Range(0, 50).Select(i => slots.Take(IPAddress.Parse($"2001:db8:1:{i:x}::1"))).ToList();

        Assert.All(outcomes.Take(8), outcome => Assert.Equal(SlotOutcome.Taken, outcome));
        Assert.All(outcomes.Skip(8), outcome => Assert.Equal(SlotOutcome.AddressFull, outcome));
        Assert.Equal(SlotOutcome.Taken, slots.Take(IPAddress.Parse("2001:db8:2::1")));

        slots.Release(IPAddress.Parse("2001:db8:1:0::1"));
        Assert.Equal(SlotOutcome.Taken, slots.Take(IPAddress.Parse("2001:db8:1:99::1")));
    }

    [Fact]
    public void One_IPv6_network_has_one_share()
    {
        var slots = new Slots(capacity: 100, mostPerAddress: 4);
        var outcomes = Enumerable.Range(1, 5).Select(i => slots.Take(IPAddress.Parse($"2001:db8::{i:x}")));

        Assert.Equal([.. Enumerable.Repeat(SlotOutcome.Taken, 4), SlotOutcome.AddressFull], outcomes);
    }

    [Fact]
    public void An_address_without_a_limit_may_have_all_slots() =>
        Assert.Equal([.. Enumerable.Repeat(SlotOutcome.Taken, 4), SlotOutcome.Full], Take(address: null, 5));

    [Fact]
    public void Asking_for_room_takes_none()
    {
        Take(One, 1);
        Assert.True(_slots.HasRoomFor(One));
        Assert.Equal([SlotOutcome.Taken, SlotOutcome.AddressFull], Take(One, 2));
        Assert.False(_slots.HasRoomFor(One));
        Assert.True(_slots.HasRoomFor(Other));
    }

    [Fact]
    public void A_slot_that_is_given_back_can_be_taken_again()
    {
        Take(One, 2);
        _slots.Release(One);

        Assert.Equal([SlotOutcome.Taken, SlotOutcome.AddressFull], Take(One, 2));
        Assert.Equal(2, _slots.Taken);
    }

    [Fact]
    public async Task Of_many_that_come_at_once_as_many_as_there_are_slots_get_one()
    {
        var slots = new Slots(capacity: 100, mostPerAddress: 10);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4000).Select(i =>
            Task.Run(() => slots.Take(IPAddress.Parse($"192.0.2.{i % 20}")))));

        Assert.Equal(100, outcomes.Count(outcome => outcome == SlotOutcome.Taken));
        Assert.Equal(100, slots.Taken);
    }

    private SlotOutcome[] Take(IPAddress? address, int times) => [.. Enumerable.Range(0, times).Select(_ => _slots.Take(address))];
}
