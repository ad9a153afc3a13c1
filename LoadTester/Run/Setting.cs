using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using GameStack.Contracts.Settings;

namespace GameStack.LoadTester.Run;

/// <summary>One setting: an option, and possibly an environment variable that applies if the option is not given.</summary>
internal sealed class Setting<T>
{
    private readonly string? _variable;
    private readonly Func<string, T?> _parse;
    private readonly string _expected;

    /// <param name="name">The option: <c>--clients</c>.</param>
    /// <param name="valueName">What the help calls the value.</param>
    /// <param name="description">The option's text in the help.</param>
    /// <param name="variable">The environment variable, if there is one.</param>
    /// <param name="expected">Continues the sentence "expected …".</param>
    /// <param name="parse">Returns null for text that is not a valid value.</param>
    public Setting(string name, string valueName, string description, string? variable, string expected, Func<string, T?> parse)
    {
        _variable = variable;
        _parse = parse;
        _expected = expected;
        Option = new Option<string?>(name) { HelpName = valueName, Description = description };
    }

    public Option<string?> Option { get; }

    /// <summary>
    /// Reads the value of the option, or else of the variable, or else <paramref name="fallback"/>. An empty variable counts as not set.
    /// </summary>
    public bool TryRead(
        ParseResult options, Func<string, string?> environment, T fallback, out T value, [NotNullWhen(false)] out string? error)
    {
        error = null;
        value = fallback;
        var (source, text) = (Option.Name, options.GetValue(Option));
        if (text is null && _variable is not null)
        {
            (source, text) = (_variable, environment(_variable));
            text = string.IsNullOrWhiteSpace(text) ? null : text;
        }

        if (text is null)
        {
            return true;
        }

        if (_parse(text.Trim()) is { } parsed)
        {
            value = parsed;
            return true;
        }

        error = SettingException.Line(source, text, _expected);
        return false;
    }
}
