using System.Net;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Tests.ServiceDefaults.Listening;

public sealed class PlacesTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");

    private readonly Places _places = new(capacity: 4, mostPerAddress: 2);

    [Fact]
    public void One_address_has_its_share_and_others_have_the_rest()
    {
        Assert.Equal([PlaceOutcome.Taken, PlaceOutcome.Taken, PlaceOutcome.AddressFull], Take(One, 3));
        Assert.Equal([PlaceOutcome.Taken, PlaceOutcome.Taken, PlaceOutcome.Full], Take(Other, 3));
    }

    [Fact]
    public void An_address_without_a_limit_may_have_all_places() =>
        Assert.Equal([.. Enumerable.Repeat(PlaceOutcome.Taken, 4), PlaceOutcome.Full], Take(address: null, 5));

    [Fact]
    public void A_place_that_is_given_back_can_be_taken_again()
    {
        Take(One, 2);
        _places.Release(One);

        Assert.Equal([PlaceOutcome.Taken, PlaceOutcome.AddressFull], Take(One, 2));
        Assert.Equal(2, _places.Taken);
    }

    [Fact]
    public async Task Of_many_that_come_at_once_as_many_as_there_are_places_get_one()
    {
        var places = new Places(capacity: 100, mostPerAddress: 10);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4000).Select(i =>
            Task.Run(() => places.Take(IPAddress.Parse($"192.0.2.{i % 20}")))));

        Assert.Equal(100, outcomes.Count(outcome => outcome == PlaceOutcome.Taken));
        Assert.Equal(100, places.Taken);
    }

    private PlaceOutcome[] Take(IPAddress? address, int times) => [.. Enumerable.Range(0, times).Select(_ => _places.Take(address))];
}
