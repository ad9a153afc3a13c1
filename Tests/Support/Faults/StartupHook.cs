using System.Runtime.Loader;

#pragma warning disable CA1050, MA0047 // .NET looks for a class of this name outside of any namespace.

/// <summary>
/// What .NET runs first in a process whose <c>DOTNET_STARTUP_HOOKS</c> names this assembly: makes what the assembly refers to loadable.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        var folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, assembly) =>
            Path.Combine(folder, assembly.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
    }
}
