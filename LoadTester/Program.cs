using GameStack.LoadTester;
using GameStack.LoadTester.Http;

return await LoadTesterApp.RunAsync(args, Environment.GetEnvironmentVariable, LoadConsole.System, CallLimits.Default, CancellationToken.None);
