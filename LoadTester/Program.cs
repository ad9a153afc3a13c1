using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;

return await LoadTesterApp.RunAsync(
    args, Environment.GetEnvironmentVariable, LoadConsole.System, CallLimits.Default, CancellationToken.None);
