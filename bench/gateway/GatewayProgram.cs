using System.Diagnostics.CodeAnalysis;
using GameStack.Contracts.Tickets;
using GameStack.Proxy;
using GameStack.Proxy.Gateway;
using GameStack.Proxy.Gateway.Listening;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GameStack.Bench.Gateway;

/// <summary>The proxy with its gateway, with the check of tickets or, for comparison with programs that check nothing, without.</summary>
internal static class GatewayProgram
{
    private const string NoBackend = "http://127.0.0.1:9";

    public static async Task RunAsync(string keyFile, bool isChecked, CancellationToken cancellationToken)
    {
        InlineCompletions.Enable();
        var builder = WebApplication.CreateBuilder(
        [
            "--urls=http://127.0.0.1:0", $"--BACKEND_URL={NoBackend}", "--Shutdown:DrainSeconds=0", "--Forwarding:ProbeInterval=01:00:00",
            $"--Tickets:PublicKeyFile={keyFile}", $"--Gateway:Port={Target.Port}", "--Gateway:DrainSeconds=0",
        ]);
        builder.Logging.ClearProviders();
        if (!isChecked)
            builder.Services.AddSingleton<ITicketCheck, NoCheck>();
        await using var app = ProxyApp.Build(builder);
        await app.StartAsync(cancellationToken);
        Console.WriteLine("ready");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Leads everybody to the matches in turn, as the other programs do.</summary>
    private sealed class NoCheck : ITicketCheck
    {
        private readonly MatchTicket[] _tickets = [.. Enumerable.Range(0, MatchPorts.Count).Select(Tickets.Of)];
        private int _next;

        public bool TryRead(ReadOnlySpan<byte> text, [NotNullWhen(true)] out MatchTicket? ticket, out TicketRefusal refusal)
        {
            ticket = _tickets[(uint)Interlocked.Increment(ref _next) % MatchPorts.Count];
            refusal = TicketRefusal.None;
            return true;
        }
    }
}
