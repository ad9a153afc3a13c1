using GameStack.Contracts.Tickets;
using GameStack.Proxy.Gateway;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Proxy.Gateway;

public sealed class TicketCheckTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestTickets _old = new();
    private readonly TestTickets _new = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private string KeyFile => Path.Combine(_folder.Path, "tickets.pem");

    public void Dispose()
    {
        _folder.Dispose();
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task A_key_that_is_removed_from_the_file_counts_for_a_minute_at_most()
    {
        await WriteAsync(_old.PublicPem);
        var check = Check();
        await WriteAsync(_new.PublicPem);

        Assert.Equal(TicketRefusal.None, Read(check, _old));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TicketRefusal.UnknownKey, Read(check, _old));
        Assert.Equal(TicketRefusal.None, Read(check, _new));
    }

    [Fact]
    public async Task A_file_that_is_being_written_changes_nothing()
    {
        await WriteAsync(_old.PublicPem);
        var check = Check();
        await WriteAsync(_old.PublicPem[..40]);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(TicketRefusal.None, Read(check, _old));
    }

    private TicketCheck Check() =>
        new(Options.Create(new TicketsOptions { PublicKeyFile = KeyFile }), _time, NullLogger<TicketCheck>.Instance);

    private Task WriteAsync(string text) => File.WriteAllTextAsync(KeyFile, text, TestContext.Current.CancellationToken);

    private TicketRefusal Read(TicketCheck check, TestTickets tickets)
    {
        var ticket = System.Text.Encoding.ASCII.GetBytes(tickets.Make("p1", Guid.NewGuid(), issuedAt: _time.GetUtcNow()));
        check.TryRead(ticket, out _, out var refusal);
        return refusal;
    }
}
