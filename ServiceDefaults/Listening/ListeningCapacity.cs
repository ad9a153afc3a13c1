using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>How many connections a program can serve with the descriptors and the memory that it has.</summary>
public static class ListeningCapacity
{
    /// <summary>With fewer slots than this, a program is of no use, and does not start.</summary>
    public const int Fewest = 64;

    /// <summary>
    /// Connections beyond the capacity that are open for a moment, only to be told so. Probes are answered there, too: a full program is
    /// no reason for a restart.
    /// </summary>
    public const int Refusals = 64;

    /// <summary>The rest is for what the program does without clients.</summary>
    private const double ShareOfMemory = 0.6;

    /// <summary>
    /// The most connections that a program may have on a port beside its server's: a quarter of the descriptors and of the memory are for
    /// these and for as many <see cref="Refusals"/>, but there is room for the <see cref="Fewest"/>. The program has to add them to its
    /// <see cref="ListeningCost"/>.
    /// </summary>
    /// <param name="descriptorsPerConnection">The descriptors that one connection takes.</param>
    /// <param name="bytesPerConnection">The memory that one connection takes.</param>
    public static int Beside(int descriptorsPerConnection, int bytesPerConnection) =>
        Beside(descriptorsPerConnection, bytesPerConnection, DescriptorLimit.Value, MemoryLimit.Value);

    internal static int Beside(int descriptorsPerConnection, int bytesPerConnection, long descriptors, long memory)
    {
        var byDescriptors = ((descriptors / 4) - Refusals) / descriptorsPerConnection;
        var byMemory = (long)(memory * ShareOfMemory) / 4 / bytesPerConnection;
        return (int)Math.Clamp(Math.Min(byDescriptors, byMemory), Fewest, int.MaxValue);
    }

    internal static int Of(ListeningOptions options, ListeningCost cost, long descriptors, long memory)
    {
        var fits = Math.Min(ByDescriptors(cost, descriptors), ByMemory(cost, memory));
        return (int)Math.Clamp(options.MaxConnections == 0 ? fits : Math.Min(fits, options.MaxConnections), 0, int.MaxValue);
    }

    /// <summary>One sentence that says why the program cannot start; null if it can.</summary>
    internal static string? WhyTooSmall(ListeningCost cost, long descriptors, long memory)
    {
        if (ByDescriptors(cost, descriptors) < Fewest)
        {
            var needed = cost.OwnDescriptors + Refusals + (Fewest * cost.DescriptorsPerConnection);
            return $"The limit of open files (ulimit -n) is {descriptors}, but this program needs at least {needed}.";
        }

        var megabytes = Math.Ceiling((cost.OwnBytes + (Fewest * cost.BytesPerConnection)) / ShareOfMemory / 1024 / 1024);
        return ByMemory(cost, memory) < Fewest
            ? $"This program has {memory / 1024 / 1024} MiB of memory, but needs at least {megabytes} MiB for its connections."
            : null;
    }

    private static long ByDescriptors(ListeningCost cost, long descriptors) =>
        (descriptors - cost.OwnDescriptors - Refusals) / cost.DescriptorsPerConnection;

    private static long ByMemory(ListeningCost cost, long memory) =>
        ((long)(memory * ShareOfMemory) - cost.OwnBytes) / cost.BytesPerConnection;

    /// <summary>Refuses to start a program that has too little for what it needs.</summary>
    internal sealed class Check(IOptions<ListeningCost> cost) : IValidateOptions<ListeningOptions>
    {
        public ValidateOptionsResult Validate(string? name, ListeningOptions options) =>
            WhyTooSmall(cost.Value, DescriptorLimit.Value, MemoryLimit.Value) is { } why
                ? ValidateOptionsResult.Fail(why)
                : ValidateOptionsResult.Success;
    }
}
