using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

public sealed class ParameterResource : Resource
{
    internal ParameterResource(string name, Func<string> value, bool secret)
        : base(name) => (Value, Secret) = (new ResourceValue($"{{{name}.value}}", value), secret);

    public bool Secret { get; }

    internal ResourceValue Value { get; }

    /// <summary>The value to be used in a URI; in the manifest, a resource of its own.</summary>
    internal ResourceValue UriEncoded =>
        new($"{{{Name}-uri-encoded.value}}", () => Uri.EscapeDataString(Value.Current() ?? string.Empty));

    /// <summary>A deployment tool makes the value up; false: of letters and digits only.</summary>
    internal bool? GeneratedWithSpecialCharacters { get; init; }

    internal override void WriteManifest(ManifestWriter manifest) => manifest.WriteParameter(this);
}
