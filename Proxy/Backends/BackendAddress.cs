namespace GameStack.Proxy.Backends;

/// <summary>Where one backend listens, or several behind a host name.</summary>
/// <param name="Url">For all calls.</param>
/// <param name="ShortPort">The port on the same host for short calls; null if there is none.</param>
internal sealed record BackendAddress(Uri Url, int? ShortPort = null);
