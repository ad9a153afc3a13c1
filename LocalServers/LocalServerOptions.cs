namespace LocalServers;

/// <summary>How and where a local server runs.</summary>
public sealed record LocalServerOptions
{
    /// <summary>
    /// The server's data, kept between runs; for one server at a time. If this process is root, the server runs as another user. If that
    /// user cannot enter this folder, a folder under the temporary path is used instead, and <see cref="Log"/> says so.
    /// </summary>
    public required string DataFolder { get; init; }

    /// <summary>Where missing programs are unpacked; several processes can share this folder.</summary>
    public required string ToolsFolder { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>If null, Redis requires no password, and Postgres gets a generated one, which is kept in the data folder.</summary>
    public string? Password { get; init; }

    /// <summary>Whether acknowledged writes survive a crash; false is faster, for tests.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>How long to wait for an earlier server on the same data folder that is still ending; whole seconds.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Receives the server's own output and the steps of its start, line by line.</summary>
    public Action<string>? Log { get; init; }
}
