using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults.Listening;

if (DescriptorLimit.WhyTooLow is { } tooLow)
{
    await Console.Error.WriteLineAsync(tooLow);
    return LoadTesterApp.BadSettings;
}

return await LoadTesterApp.RunAsync(
    args, Environment.GetEnvironmentVariable, LoadConsole.System, CallLimits.Default, CancellationToken.None);
