using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GameStack.GameServer.Game;

namespace GameStack.Tests.GameServer.Game;

public sealed class GameCommandTests
{
    [Fact]
    public void Whatever_the_bytes_a_command_is_read_and_its_length_is_in_bounds() =>
        Prop.ForAll<byte[]>(line =>
        {
            var command = GameCommand.Parse(line);
            return command.Kind == GameCommandKind.RequestMatch ? command.Seconds is > 0 and <= 86_400 : command.Seconds == 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Whatever_follows_the_command_word_the_length_is_in_bounds() =>
        Prop.ForAll<string>(rest =>
        {
            var command = GameCommand.Parse(Encoding.UTF8.GetBytes("REQUEST_MATCH " + rest));
            return command.Kind == GameCommandKind.RequestMatch ? command.Seconds is > 0 and <= 86_400 : command == default;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Every_number_in_bounds_is_read_as_itself() =>
        Prop.ForAll(Gen.Choose(1, 86_400_000).Select(milliseconds => milliseconds / 1000.0).ToArbitrary(), seconds =>
        {
            var command = GameCommand.Parse(Encoding.ASCII.GetBytes("REQUEST_MATCH " + seconds.ToString(CultureInfo.InvariantCulture)));
            return command == new GameCommand(GameCommandKind.RequestMatch, seconds);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Case_and_blanks_around_words_do_not_matter()
    {
        var letters = from word in Gen.Elements("GET_STATE", "GET_RUNNING_LENGTH", "REQUEST_MATCH 5")
                      from lower in Gen.ArrayOf(Gen.Elements(true, false), word.Length)
                      from before in Gen.Choose(0, 3)
                      from after in Gen.Choose(0, 3)
                      let mixed = word.Select((letter, i) => lower[i] ? char.ToLowerInvariant(letter) : letter)
                      select (word, text: new string(' ', before) + string.Concat(mixed) + new string('\t', after));

        Prop.ForAll(
            letters.ToArbitrary(),
            line => GameCommand.Parse(Encoding.ASCII.GetBytes(line.text)) == GameCommand.Parse(Encoding.ASCII.GetBytes(line.word))
                && GameCommand.Parse(Encoding.ASCII.GetBytes(line.text)).Kind != GameCommandKind.Unknown)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
