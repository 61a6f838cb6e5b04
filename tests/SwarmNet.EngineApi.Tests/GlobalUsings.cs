global using SwarmTask = SwarmNet.Protocol.Task;
global using Task = System.Threading.Tasks.Task;
global using TaskStatus = SwarmNet.Protocol.TaskStatus;
