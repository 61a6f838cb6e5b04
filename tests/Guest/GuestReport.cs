using System.Text.Json;
using NUnit.Framework.Interfaces;

namespace SwarmNet.Testing;

/// <summary>Writes every outcome at once, so that a guest that dies takes only the running test with it.</summary>
internal sealed class GuestReport(string path) : ITestListener, IDisposable
{
    private readonly StreamWriter _file = new(path) { AutoFlush = true };

    internal bool HasFailed { get; private set; }

    /// <inheritdoc/>
    public void TestStarted(ITest test)
    {
        if (!test.IsSuite)
        {
            Console.WriteLine($"{test.FullName} ...");
        }
    }

    /// <inheritdoc/>
    public void TestFinished(ITestResult result)
    {
        if (result.Test.IsSuite)
        {
            // A set-up that failed is in the results of the suite's tests already.
            return;
        }

        string outcome = result.ResultState.Status switch
        {
            TestStatus.Passed => GuestResult.Passed,
            TestStatus.Skipped => GuestResult.Skipped,
            _ => GuestResult.Failed,
        };
        HasFailed |= outcome == GuestResult.Failed;
        Console.WriteLine($"    {outcome} after {result.Duration:0.0} s {(outcome == GuestResult.Failed ? result.Message + "\n" + result.StackTrace : "")}");
        _file.WriteLine(JsonSerializer.Serialize(new GuestResult(result.Test.FullName, outcome, result.Message, result.StackTrace, result.Output)));
    }

    /// <inheritdoc/>
    public void TestOutput(TestOutput output)
    {
    }

    /// <inheritdoc/>
    public void SendMessage(TestMessage message)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
