using GameStack.Backend.GameServers;
using GameStack.Backend.Tickets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.Tickets;

/// <summary>Signers of tickets for tests of other things.</summary>
internal static class TestSigners
{
    /// <summary>A signer without a key: there are no tickets.</summary>
    public static TicketSigner None() => Of(new TicketsOptions());

    public static TicketSigner Of(
        TicketsOptions options, GameServersOptions? servers = null, TimeProvider? time = null, ILogger<TicketSigner>? logger = null) => new(
        Options.Create(options), Options.Create(servers ?? new GameServersOptions()), time ?? TimeProvider.System,
        logger ?? NullLogger<TicketSigner>.Instance);
}
