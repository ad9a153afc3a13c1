using GameStack.Tests.Support;
using LocalServers;

namespace GameStack.Tests.LocalServers;

public sealed class FileLockTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "lock");

    [Fact]
    public async Task A_free_file_is_taken_at_once()
    {
        var waits = 0;

        await using var taken = await FileLock.TakeAsync(File, TimeSpan.Zero, () => waits++, TestContext.Current.CancellationToken);

        Assert.NotNull(taken);
        Assert.Equal(0, waits);
    }

    [Fact]
    public async Task A_file_that_stays_taken_is_given_up_on()
    {
        await using var holder = new FileStream(File, FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        Assert.Null(await FileLock.TakeAsync(File, TimeSpan.Zero, onWait: null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_becomes_free_is_taken_after_one_report_of_the_wait()
    {
        var waits = 0;
        var waiting = new TaskCompletionSource();
        var holder = new FileStream(File, FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var taking = FileLock.TakeAsync(File, patience: null, OnWait, TestContext.Current.CancellationToken);
        await waiting.Task;
        await holder.DisposeAsync();

        await using var taken = await taking;
        Assert.NotNull(taken);
        Assert.Equal(1, waits);

        void OnWait()
        {
            waits++;
            waiting.SetResult();
        }
    }

    [Fact]
    public Task A_folder_that_does_not_exist_is_an_error() => Assert.ThrowsAsync<DirectoryNotFoundException>(
        () => FileLock.TakeAsync(Path.Combine(File, "lock"), patience: null, onWait: null, TestContext.Current.CancellationToken));

    public void Dispose() => _folder.Dispose();
}
