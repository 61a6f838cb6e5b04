namespace SwarmNet.Manager.Tests;

internal static class Wait
{
    /// <summary>Waits until the store's view satisfies the condition; fails after ten seconds.</summary>
    public static async Task Until(Manager.Store.ClusterStore store, Func<Manager.Store.StoreView, bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var watcher = store.Watch();
        while (!condition(store.View))
        {
            try
            {
                await watcher.Events.WaitToReadAsync(deadline.Token);
                while (watcher.Events.TryRead(out _))
                {
                }
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Not within ten seconds: {what}.");
            }
        }
    }
}
