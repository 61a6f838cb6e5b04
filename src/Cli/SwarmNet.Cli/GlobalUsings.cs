// The message and the framework's Task share a name; the message is SwarmTask in this code base.
global using SwarmTask = SwarmNet.Protocol.Task;
global using Task = System.Threading.Tasks.Task;
global using TaskStatus = SwarmNet.Protocol.TaskStatus;
