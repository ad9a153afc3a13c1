namespace LocalServers;

/// <summary>A file that one process at a time holds open.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for the file; returns null if another process still holds it when the patience is over.</summary>
    /// <param name="path">The file; created if necessary.</param>
    /// <param name="patience">How long to wait; null to wait until the file is free.</param>
    /// <param name="onWait">Called once if the file is not free.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<FileStream?> TakeAsync(string path, TimeSpan? patience, Action? onWait, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ; waited += Retry)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (waited >= patience)
                {
                    return null;
                }
            }

            if (waited == TimeSpan.Zero)
            {
                onWait?.Invoke();
            }

            // Nothing signals that the file is free, so try again.
            await Task.Delay(Retry, cancellationToken);
        }
    }
}
