namespace GameStack.ServiceDefaults.Listening;

/// <summary>What a program needs for itself, and what each connection of a client costs it. Set in code, by the parts that know.</summary>
public sealed class ListeningCost
{
    /// <summary>
    /// The files and sockets that the program has open without any client, with room for those that come and go: an idle program has
    /// about 250, most of them its own assemblies.
    /// </summary>
    public int OwnDescriptors { get; set; } = 320;

    /// <summary>The memory that is set aside for what is no client's connection here, in bytes.</summary>
    public long OwnBytes { get; set; }

    /// <summary>The descriptors that one connection takes: its own, and those that are opened to serve it.</summary>
    public int DescriptorsPerConnection { get; set; } = 1;

    /// <summary>
    /// The memory that one connection with an open call takes: 39 KiB were measured for an event stream through the proxy.
    /// </summary>
    public int BytesPerConnection { get; set; } = 48 * 1024;
}
