using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace GameStack.LoadTester.Run;

/// <summary>One setting: an option, and maybe an environment variable that holds when the option is not given.</summary>
internal sealed class Setting<T>
{
    private readonly string? _variable;
    private readonly Func<string, T?> _parse;
    private readonly string _expected;

    /// <param name="name">The option: <c>--clients</c>.</param>
    /// <param name="valueName">What the help calls the value.</param>
    /// <param name="description">The help's text.</param>
    /// <param name="variable">The environment variable, if there is one.</param>
    /// <param name="expected">Ends the sentence "'abc' is not …".</param>
    /// <param name="parse">Null for text that is no such value.</param>
    public Setting(string name, string valueName, string description, string? variable, string expected, Func<string, T?> parse)
    {
        _variable = variable;
        _parse = parse;
        _expected = expected;
        Option = new Option<string?>(name) { HelpName = valueName, Description = description };
    }

    public Option<string?> Option { get; }

    /// <summary>The value of the option, else of the variable, else <paramref name="fallback"/>; an empty variable counts as not set.</summary>
    public bool TryRead(
        ParseResult options, Func<string, string?> environment, T fallback, out T value, [NotNullWhen(false)] out string? error)
    {
        error = null;
        value = fallback;
        var (source, text) = (Option.Name, options.GetValue(Option));
        if (text is null && _variable is not null)
        {
            (source, text) = (_variable, environment(_variable));
            text = string.IsNullOrEmpty(text) ? null : text;
        }

        if (text is null)
        {
            return true;
        }

        if (_parse(text) is { } parsed)
        {
            value = parsed;
            return true;
        }

        error = $"{source}: '{text}' is not {_expected}";
        return false;
    }
}
