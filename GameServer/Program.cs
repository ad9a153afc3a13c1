using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using GameStack.Contracts.Settings;
using GameStack.GameServer;
using GameStack.GameServer.Control;
using GameStack.GameServer.Game;
using GameStack.GameServer.Sessions;
using GameStack.GameServer.Settings;

const int PortTaken = 1;
var farewellLimit = TimeSpan.FromSeconds(2);

var (settings, error) = ServerSettings.Read(Environment.GetEnvironmentVariable);
if (settings is null)
{
    return Fail(error!, SettingException.ExitCode);
}

// What the garbage collector keeps to: the machine's memory, or three quarters of the container's limit.
var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
var descriptors = DescriptorLimit.Raise();
if (GameCapacity.WhyTooSmall(descriptors, memory) is { } why)
{
    return Fail(why, SettingException.ExitCode);
}

var time = TimeProvider.System;
var log = new StateLog(Console.OpenStandardOutput());
GamePort gamePort;
ControlPort? controlPort;
SessionSlot slot;
try
{
    gamePort = new GamePort(settings.GameEndPoint, GameCapacity.Of(descriptors, memory), settings.Limits, time, log);
    slot = new SessionSlot(gamePort, time, log);
    controlPort = settings.ControlEndPoint is { } endPoint
        ? new ControlPort(endPoint, settings.ControlCredential, slot, () => gamePort.Match.Stop("asked on the control port"), time)
        : null;
}
catch (SocketException exception)
{
    var endPoints = settings.ControlEndPoint is { } control ? $"{settings.GameEndPoint} and {control}" : $"{settings.GameEndPoint}";
    return Fail($"Cannot listen on {endPoints}: {exception.SocketErrorCode}.", PortTaken);
}

using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
if (settings.Session is { } session && slot.Assign(session) is null)
{
    return Fail($"Cannot listen on {settings.GameEndPoint}.", PortTaken);
}

log.Ready(gamePort.Number, controlPort?.Number ?? 0);
if (settings.StopWithParent)
{
    new Thread(WaitForParent, maxStackSize: 128 * 1024) { IsBackground = true, Name = "parent" }.Start();
}

_ = controlPort?.AcceptAsync();
await gamePort.Match.Stopped;
await Task.WhenAny(gamePort.Match.EverybodyGone, Task.Delay(farewellLimit, time));
return 0;

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    if (settings.StopWithParent && context.Signal is PosixSignal.SIGINT or PosixSignal.SIGHUP)
    {
        return; // A terminal sends Ctrl+C and its end to the parent as well, which may want to drain first.
    }

    gamePort.Match.Stop(context.Signal.ToString());
}

void WaitForParent()
{
    var input = Console.OpenStandardInput();
    Span<byte> ignored = stackalloc byte[64];
    while (input.Read(ignored) > 0)
    {
    }

    gamePort.Match.Stop("standard input has ended");
}

static int Fail(string message, int exitCode)
{
    using var output = Console.OpenStandardError();
    output.Write(Encoding.UTF8.GetBytes(message + "\n"));
    return exitCode;
}
