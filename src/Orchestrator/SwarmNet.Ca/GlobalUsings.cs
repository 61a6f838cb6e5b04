// The message and the framework's Task share a name; the message is SwarmTask in this code base.
global using Task = System.Threading.Tasks.Task;
