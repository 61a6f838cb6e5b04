return await SwarmNet.Cli.SwarmCli.RunAsync(args);
