namespace Aspire.Hosting.ApplicationModel;

public sealed class EndpointReference
{
    private readonly Resource _owner;

    internal EndpointReference(Resource owner, string endpointName) => (_owner, EndpointName) = (owner, endpointName);

    public string EndpointName { get; }

    internal Endpoint Endpoint => _owner.GetEndpoint(EndpointName);
}
