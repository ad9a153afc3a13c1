using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy.Gateway;

/// <summary>Tickets that must lead nowhere.</summary>
internal static class WrongTickets
{
    public static string Make(string kind, RunningGateway gateway)
    {
        var tickets = gateway.Tickets;
        var payload = TestTickets.Payload("p1", Guid.NewGuid(), address: gateway.Server.Address);
        switch (kind)
        {
            case "forged":
                var parts = tickets.Sign(tickets.Header(), payload).Split('.');
                payload["sub"] = "p2";
                return $"{parts[0]}.{TestTickets.Encode(payload.ToJsonString())}.{parts[2]}";
            case "unsigned":
                var header = tickets.Header();
                header["alg"] = "none";
                return $"{TestTickets.Encode(header.ToJsonString())}.{TestTickets.Encode(payload.ToJsonString())}.";
            case "expired":
                return tickets.Make("p1", Guid.NewGuid(), address: gateway.Server.Address, issuedAt: DateTimeOffset.UtcNow.AddMinutes(-7));
            case "for another audience":
                payload["aud"] = "gamestack:api";
                return tickets.Sign(tickets.Header(), payload);
            case "of another key":
                using (var others = new TestTickets())
                {
                    return others.Make("p1", Guid.NewGuid(), address: gateway.Server.Address);
                }

            default:
                return kind.Replace(' ', '_');
        }
    }
}
