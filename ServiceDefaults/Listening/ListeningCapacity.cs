using Microsoft.Extensions.Options;

namespace GameStack.ServiceDefaults.Listening;

/// <summary>How many connections a program can serve with the descriptors and the memory that it has.</summary>
internal static class ListeningCapacity
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

    public static int Of(ListeningOptions options, ListeningCost cost, long descriptors, long memory)
    {
        var fits = Math.Min(ByDescriptors(cost, descriptors), ByMemory(cost, memory));
        return (int)Math.Clamp(options.MaxConnections == 0 ? fits : Math.Min(fits, options.MaxConnections), 0, int.MaxValue);
    }

    /// <summary>One sentence that says why the program cannot start; null if it can.</summary>
    public static string? WhyTooSmall(ListeningCost cost, long descriptors, long memory)
    {
        if (ByDescriptors(cost, descriptors) < Fewest)
        {
            var needed = cost.OwnDescriptors + Refusals + (Fewest * cost.DescriptorsPerConnection);
            return $"The limit of open files (ulimit -n) is {descriptors}, but this program needs at least {needed}.";
        }

        var megabytes = Math.Ceiling(Fewest * cost.BytesPerConnection / ShareOfMemory / 1024 / 1024);
        return ByMemory(cost, memory) < Fewest
            ? $"This program has {memory / 1024 / 1024} MiB of memory, but needs at least {megabytes} MiB for its connections."
            : null;
    }

    private static long ByDescriptors(ListeningCost cost, long descriptors) =>
        (descriptors - cost.OwnDescriptors - Refusals) / cost.DescriptorsPerConnection;

    private static long ByMemory(ListeningCost cost, long memory) => (long)(memory * ShareOfMemory) / cost.BytesPerConnection;

    /// <summary>Refuses to start a program that has too little for what it needs.</summary>
    internal sealed class Check(IOptions<ListeningCost> cost) : IValidateOptions<ListeningOptions>
    {
        public ValidateOptionsResult Validate(string? name, ListeningOptions options) =>
            WhyTooSmall(cost.Value, DescriptorLimit.Value, MemoryLimit.Value) is { } why
                ? ValidateOptionsResult.Fail(why)
                : ValidateOptionsResult.Success;
    }
}
