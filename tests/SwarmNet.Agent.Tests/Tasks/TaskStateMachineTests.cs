using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Tasks;

public class TaskStateMachineTests
{
    [Test]
    public void A_task_walks_to_running_with_the_messages_of_stock_agents()
    {
        var status = new TaskStatus { State = TaskState.Assigned, Message = "scheduler assigned task to node" };
        var trace = new List<string>();
        while (TaskStateMachine.Next(status.State, TaskState.Running) is var step and not TaskStep.Idle)
        {
            status = TaskStateMachine.Succeeded(status, step);
            trace.Add($"{step} {status.State} {status.Message}");
        }

        Assert.That(trace, Is.EqualTo(new[]
        {
            "Advance Accepted accepted", "Advance Preparing preparing", "Prepare Ready prepared",
            "Advance Starting starting", "Start Running started", "Wait Complete finished",
        }));
    }

    [TestCase(TaskState.Ready, TaskState.Ready, TaskStep.Idle, Description = "waits until the desired state is beyond READY")]
    [TestCase(TaskState.Preparing, TaskState.Ready, TaskStep.Prepare)]
    [TestCase(TaskState.Ready, TaskState.Running, TaskStep.Advance)]
    [TestCase(TaskState.Running, TaskState.Running, TaskStep.Wait)]
    [TestCase(TaskState.Running, TaskState.Complete, TaskStep.Wait, Description = "jobs")]
    [TestCase(TaskState.Assigned, TaskState.Shutdown, TaskStep.Shutdown)]
    [TestCase(TaskState.Running, TaskState.Shutdown, TaskStep.Shutdown)]
    [TestCase(TaskState.Running, TaskState.Remove, TaskStep.Shutdown)]
    [TestCase(TaskState.Complete, TaskState.Shutdown, TaskStep.Idle)]
    [TestCase(TaskState.Failed, TaskState.Running, TaskStep.Idle)]
    [TestCase(TaskState.Running, TaskState.Ready, TaskStep.Idle)]
    public void The_next_step_follows_from_both_states(TaskState observed, TaskState desired, object step) =>
        Assert.That(TaskStateMachine.Next(observed, desired), Is.EqualTo(step));

    [TestCase(TaskState.Assigned, TaskState.Rejected)]
    [TestCase(TaskState.Preparing, TaskState.Rejected)]
    [TestCase(TaskState.Ready, TaskState.Rejected)]
    [TestCase(TaskState.Starting, TaskState.Failed)]
    [TestCase(TaskState.Running, TaskState.Failed)]
    public void A_failure_rejects_before_starting_and_fails_from_there(TaskState observed, TaskState expected)
    {
        var status = TaskStateMachine.Failed(new TaskStatus { State = observed, Message = "kept" }, "why");

        Assert.That((status.State, status.Message, status.Err), Is.EqualTo((expected, "kept", "why")));
    }

    [Test]
    public void No_pair_of_states_leads_backwards()
    {
        foreach (var observed in Enum.GetValues<TaskState>())
        {
            foreach (var desired in Enum.GetValues<TaskState>())
            {
                var status = new TaskStatus { State = observed };
                if (TaskStateMachine.Next(observed, desired) is var step and not TaskStep.Idle)
                {
                    Assert.That(TaskStateMachine.Succeeded(status, step).State, Is.GreaterThan(observed), $"{observed} {desired}");
                }

                Assert.That(observed < TaskState.Complete || TaskStateMachine.Next(observed, desired) == TaskStep.Idle, $"{observed} {desired}");
            }
        }
    }
}
