using System.Text;
using GameStack.Contracts.Settings;
using Microsoft.Extensions.Options;

namespace GameStack.Proxy.CrossOrigin;

/// <summary>The section <c>Cors</c> of the configuration: which web pages of other origins may call the API.</summary>
internal sealed class CrossOriginOptions
{
    public const string Section = "Cors";

    /// <summary>Stands for all pages.</summary>
    public const string Any = "*";

    /// <summary>
    /// The origins of the pages: <c>https://play.example.com,http://localhost:3000</c>, or an item each (<c>Cors__Origins__0</c>, …);
    /// <see cref="Any"/> alone for all pages. Empty (default): only this proxy's own pages.
    /// </summary>
    public IReadOnlyList<string>? Origins { get; set; }

    public bool IsOn => Origins is { Count: > 0 };

    public bool AllowsAny => Origins is [Any];

    /// <param name="origin">The value of a header <c>Origin</c>: ASCII, since the answer repeats it.</param>
    public bool Allows(string origin) => AllowsAny
        || (Origins is not null && Ascii.IsValid(origin) && WebOrigin.TryParse(origin, out var page) && Origins.Contains(page.ToString()));

    public sealed class Check : IValidateOptions<CrossOriginOptions>
    {
        public ValidateOptionsResult Validate(string? name, CrossOriginOptions options) =>
            options.AllowsAny || options.Origins is null || options.Origins.All(origin => WebOrigin.TryParse(origin, out _))
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(SettingException.Line(
                    "Cors:Origins", string.Join(',', options.Origins),
                    "origins without a path, such as https://play.example.com,http://localhost:3000, or * alone for all pages"));
    }
}
