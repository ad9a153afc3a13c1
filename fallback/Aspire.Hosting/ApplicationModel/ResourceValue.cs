namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value in its two forms.</summary>
/// <param name="Manifest">What the manifest says, such as <c>{redis.connectionString}</c>.</param>
/// <param name="Current">What a resource that starts now is given; null leaves the variable out.</param>
internal sealed record ResourceValue(string Manifest, Func<string?> Current)
{
    public static ResourceValue Of(string value) => new(value, () => value);
}
