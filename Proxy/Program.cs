using GameStack.Proxy;
using GameStack.Proxy.Backends;

var builder = WebApplication.CreateBuilder(args);
if (!BackendAddresses.TryRead(builder.Configuration, out var backends, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 1;
}

await using var app = ProxyApp.Build(builder, backends);
await app.RunAsync();
return 0;
