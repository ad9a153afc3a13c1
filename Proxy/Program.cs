using GameStack.Proxy;
using GameStack.Proxy.Gateway.Listening;
using GameStack.ServiceDefaults;

InlineCompletions.Enable();
return await ServiceProgram.RunAsync(args, ProxyApp.Build);
