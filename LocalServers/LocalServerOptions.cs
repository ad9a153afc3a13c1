namespace LocalServers;

/// <summary>How and where a local server runs.</summary>
public sealed record LocalServerOptions
{
    /// <summary>
    /// What the server keeps between runs; one server at a time. As root the server runs as another user, and if that user
    /// cannot reach this folder a folder under the temporary path takes its place (said in <see cref="Log"/>).
    /// </summary>
    public required string DataFolder { get; init; }

    /// <summary>Where programs that the machine lacks are unpacked; it may be shared by many processes.</summary>
    public required string ToolsFolder { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Without one Redis asks for none, and Postgres gets one of its own, kept in the data folder.</summary>
    public string? Password { get; init; }

    /// <summary>Whether what is acknowledged outlives a crash; false is faster, for tests.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>How long a start waits for a server on the same data folder that is still ending; whole seconds.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the server's own output, and what is done to start it, line by line.</summary>
    public Action<string>? Log { get; init; }
}
