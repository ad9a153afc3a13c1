namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// Sends requests that arrive while a call is under way together in the next call. A request that arrives while there is none is sent at
/// once, so batches form under load and add no delay without it.
/// </summary>
/// <param name="call">Returns how to read the answer of each request, in the order of the requests.</param>
internal sealed class BatchedCall<TRequest, TAnswer>(Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<Func<TAnswer>>>> call)
{
    /// <summary>A longer script would keep other backends waiting for Redis.</summary>
    private const int MostAtOnce = 64;

    /// <summary>More than Redis serves before the first of them would give up.</summary>
    private const int MostWaiting = 2_000;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private bool _isUnderWay;

    /// <exception cref="DependencyUnavailableException">Too many requests wait; this one was not sent.</exception>
    public Task<TAnswer> SendAsync(TRequest request)
    {
        var waiting = new Waiting(request, new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_waiting.Count == MostWaiting)
            {
                throw new DependencyUnavailableException("Redis", $"{MostWaiting} calls wait for it.");
            }

            _waiting.Enqueue(waiting);
            if (_isUnderWay)
            {
                return waiting.Answer.Task;
            }

            _isUnderWay = true;
        }

        // Later calls are not part of what this request's trace tells.
        using (ExecutionContext.SuppressFlow())
        {
            _ = SendAllAsync();
        }

        return waiting.Answer.Task;
    }

    private async Task SendAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            try
            {
                var answers = await call([.. batch.Select(waiting => waiting.Request)]);
                foreach (var (waiting, read) in batch.Zip(answers))
                {
                    waiting.Complete(read);
                }
            }
            catch (DependencyUnavailableException e)
            {
                // Those who wait would only find that out as well, one time-out later.
                batch.ForEach(waiting => waiting.Answer.SetException(e));
                TakeAll().ForEach(waiting => waiting.Answer.SetException(e));
            }
            catch (Exception e)
            {
                batch.ForEach(waiting => waiting.Answer.SetException(e));
            }
        }
    }

    private List<Waiting> TakeAll()
    {
        lock (_lock)
        {
            List<Waiting> all = [.. _waiting];
            _waiting.Clear();
            return all;
        }
    }

    private List<Waiting> Take()
    {
        lock (_lock)
        {
            List<Waiting> batch = [];
            while (batch.Count < MostAtOnce && _waiting.TryDequeue(out var waiting))
            {
                batch.Add(waiting);
            }

            _isUnderWay = batch.Count > 0;
            return batch;
        }
    }

    private sealed record Waiting(TRequest Request, TaskCompletionSource<TAnswer> Answer)
    {
        /// <summary>An answer that cannot be read fails its own request only.</summary>
        public void Complete(Func<TAnswer> read)
        {
            try
            {
                Answer.SetResult(read());
            }
            catch (Exception e)
            {
                Answer.SetException(e);
            }
        }
    }
}
