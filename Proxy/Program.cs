using GameStack.Proxy;
using GameStack.ServiceDefaults;

return await ServiceProgram.RunAsync(args, ProxyApp.Build);
