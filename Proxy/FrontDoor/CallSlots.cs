using GameStack.ServiceDefaults.Listening;

namespace GameStack.Proxy.FrontDoor;

/// <summary>
/// Bounds the calls in flight: as many as connections, and for one address its share. Comes after the client's real address is known, and
/// only for calls that go to a backend.
/// </summary>
internal sealed class CallSlots(RequestDelegate next, ConnectionSlots connections, AddressShare share)
{
    private readonly Slots _slots = new(connections.Capacity, share.Of(connections.Capacity));

    public async Task InvokeAsync(HttpContext context)
    {
        var address = share.Limited(context.Connection.RemoteIpAddress);
        var outcome = _slots.Take(address);
        if (outcome != SlotOutcome.Taken)
        {
            await Refusals.AnswerAsync(context, outcome);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            _slots.Release(address);
        }
    }
}
