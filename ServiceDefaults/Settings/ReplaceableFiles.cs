using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>
/// What is in files that may be replaced while the program runs, such as the keys in a mounted Secret. New content that cannot be read, or
/// is being written, changes nothing. Thread-safe.
/// </summary>
/// <typeparam name="T">What the files' texts mean.</typeparam>
public sealed partial class ReplaceableFiles<T>
    where T : class
{
    private readonly IReadOnlyList<string> _files;
    private readonly Func<IReadOnlyList<string>, T> _parse;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private IReadOnlyList<string> _texts;
    private volatile T _content;
    private long _readAt;
    private bool _isUnusable;
    private bool _wasMissing;
    private volatile bool _isGone;

    /// <param name="files">Their paths.</param>
    /// <param name="parse">
    /// Gets the files' texts, in the same order; throws an <see cref="ArgumentException"/> or a <see cref="CryptographicException"/> if
    /// they mean nothing.
    /// </param>
    /// <param name="time">Says how old the content is.</param>
    /// <param name="logger">Gets a warning about new content that cannot be used.</param>
    /// <exception cref="ArgumentException">A file has the wrong content.</exception>
    /// <exception cref="CryptographicException">A file has the wrong content.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public ReplaceableFiles(IReadOnlyList<string> files, Func<IReadOnlyList<string>, T> parse, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(parse);
        ArgumentNullException.ThrowIfNull(time);
        (_files, _parse, _time, _logger) = (files, parse, time, logger);
        (_texts, _readAt) = (ReadFiles(), time.GetTimestamp());
        _content = parse(_texts);
    }

    /// <summary>
    /// Whether a file was not there the last two times. Once may mean that it is being replaced. The content is still the last one.
    /// </summary>
    public bool IsGone => _isGone;

    /// <summary>The content as it was at most <paramref name="maxAge"/> ago: the same object as long as the files are the same.</summary>
    public T Get(TimeSpan maxAge)
    {
        if (IsOlderThan(maxAge))
        {
            lock (_gate)
            {
                if (IsOlderThan(maxAge))
                    ReadAgain();
            }
        }

        return _content;
    }

    private bool IsOlderThan(TimeSpan age) => _time.GetElapsedTime(Volatile.Read(ref _readAt)) >= age;

    private void ReadAgain()
    {
        var readAt = _time.GetTimestamp();
        var isMissing = false;
        try
        {
            var texts = ReadFiles();
            if (!texts.SequenceEqual(_texts, StringComparer.Ordinal))
            {
                _content = _parse(texts);
                _texts = texts;
            }

            _isUnusable = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            if (!_isUnusable)
                Log.Unusable(_logger, string.Join(", ", _files), e.Message);
            _isUnusable = true;
            isMissing = e is FileNotFoundException or DirectoryNotFoundException;
        }

        (_isGone, _wasMissing) = (isMissing && _wasMissing, isMissing);
        Volatile.Write(ref _readAt, readAt); // Last: who reads it without the lock then takes the content that belongs to it.
    }

    private string[] ReadFiles() => [.. _files.Select(File.ReadAllText)];

    private static partial class Log
    {
        [LoggerMessage(EventIds.FileUnusable, LogLevel.Warning,
            "Cannot use the new content of {Files}, and goes on with the old one: {Reason}")]
        public static partial void Unusable(ILogger logger, string files, string reason);
    }
}
