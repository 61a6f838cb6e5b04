namespace SwarmNet.Manager.Dispatcher;

/// <summary>Waits for conditions.</summary>
public static class Eventually
{
    /// <summary>Returns once the condition holds; the test's own limit ends a wait in vain.</summary>
    public static async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(5, cancellationToken);
        }
    }
}
