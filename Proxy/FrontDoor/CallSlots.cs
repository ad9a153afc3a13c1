using System.Net;
using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Bounds the calls in flight: as many as connections, and for one address its share. Comes after the client's real address is known, and
/// only for calls that go to a backend, and for WebSockets whose tickets have not been accepted.
/// </summary>
internal sealed class CallSlots(ConnectionSlots connections, AddressShare share)
{
    private readonly Slots _slots = new(connections.Capacity, share.Of(connections.Capacity));

    /// <summary>Lets a call go on with a slot; without one, answers it.</summary>
    public async Task HoldAsync(HttpContext context, RequestDelegate next)
    {
        using var slot = await TakeAsync(context);
        if (slot is not null)
            await next(context);
    }

    /// <summary>Returns a slot, to be disposed of; without one, answers the call and returns null.</summary>
    public async ValueTask<IDisposable?> TakeAsync(HttpContext context)
    {
        var address = share.Limited(context.Connection.RemoteIpAddress);
        var outcome = _slots.Take(address);
        if (outcome == SlotOutcome.Taken)
            return new Slot(_slots, address);

        await Refusals.AnswerAsync(context, outcome);
        return null;
    }

    private sealed class Slot(Slots slots, IPAddress? address) : IDisposable
    {
        private bool _isReleased;

        public void Dispose()
        {
            if (!_isReleased)
                slots.Release(address);
            _isReleased = true;
        }
    }
}
