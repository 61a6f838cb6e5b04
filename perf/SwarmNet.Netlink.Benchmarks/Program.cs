using SwarmNet.Perf;

return AllocationBaseline.Run(typeof(Program).Assembly, args);
