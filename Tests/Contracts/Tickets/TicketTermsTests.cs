using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GameStack.Contracts.Tickets;
using GameStack.Tests.Support;

namespace GameStack.Tests.Contracts.Tickets;

public sealed class TicketTermsTests : IDisposable
{
    private readonly TestTickets _tickets = new();
    private readonly TestTickets _others = new();

    public void Dispose()
    {
        _tickets.Dispose();
        _others.Dispose();
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var terms = new TicketTerms
        {
            Server = "game-server-1",
            Keys = [_tickets.Key, _others.Key],
            Required = true,
            Reconnect = TimeSpan.FromSeconds(2.5),
            ClockSkew = TimeSpan.Zero,
        };

        Assert.True(TicketTerms.TryParse(Encoding.UTF8.GetBytes(terms.ToJson()), out var read));
        Assert.Equal((terms.Server, true, terms.Reconnect, TimeSpan.Zero), (read.Server, read.Required, read.Reconnect, read.ClockSkew));
        Assert.Equal([_tickets.Key.Id, _others.Key.Id], read.Keys.Select(key => key.Id));
        Assert.Equal(_others.Key.PublicKey.ToArray(), read.Keys[1].PublicKey.ToArray());
    }

    [Fact]
    public void What_a_later_version_adds_is_ignored()
    {
        var json = _tickets.Terms().ToJson();

        Assert.True(TicketTerms.TryParse(Encoding.UTF8.GetBytes($$"""{"later":{"a":[1]},{{json[1..]}}"""), out var read));
        Assert.Equal("game-server-1", read.Server);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"server":"s"}""")]
    [InlineData("""{"server":"s","keys":{}}""")]
    [InlineData("""{"server":"s","keys":{"k":"c2VjcmV0"}}""")]
    [InlineData("""{"server":"s","keys":{"k":7}}""")]
    [InlineData("""{"server":7}""")]
    [InlineData("""{"server":"s","reconnect":-1}""")]
    [InlineData("""{"server":"s","required":"yes"}""")]
    public void Anything_else_is_refused(string json) => Assert.False(TicketTerms.TryParse(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void Garbage_is_refused_and_never_thrown_at() =>
        Prop.ForAll<byte[]>(bytes => !TicketTerms.TryParse([(byte)'{', .. bytes, (byte)'}'], out _))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
