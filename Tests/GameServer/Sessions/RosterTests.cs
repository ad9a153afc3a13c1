using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GameStack.GameServer.Sessions;

namespace GameStack.Tests.GameServer.Sessions;

public sealed class RosterTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void Any_array_of_strings_comes_back_with_the_same_players_on_one_line() =>
        Prop.ForAll<NonNull<string>[]>(players =>
        {
            // A lone surrogate has no UTF-8.
            var ids = players.Select(player => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(player.Get))).ToArray();
            foreach (var options in new[] { JsonSerializerOptions.Default, Indented })
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(ids, options);
                if (!Roster.TryParse(json, out var roster)
                    || roster.Count != ids.Length
                    || roster.Json.Contains('\n', StringComparison.Ordinal)
                    || !JsonSerializer.Deserialize<string[]>(roster.Json)!.SequenceEqual(ids, StringComparer.Ordinal))
                {
                    return false;
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void Garbage_is_refused_and_never_thrown_at() =>
        Prop.ForAll<byte[]>(bytes => !Roster.TryParse([(byte)'[', .. bytes, (byte)'}'], out _))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("\"p1\"")]
    [InlineData("[null]")]
    [InlineData("[[\"p1\"]]")]
    [InlineData("[\"p1\",]")]
    [InlineData("[\"p1\"] x")]
    public void Anything_but_an_array_of_strings_is_refused(string json) =>
        Assert.False(Roster.TryParse(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused() =>
        Assert.False(Roster.TryParse([(byte)'[', (byte)'"', 0xFF, (byte)'"', (byte)']'], out _));
}
