import Host

CommandTable.run(adding: [DemoCommand.command, SandboxCommand.command, SimulateCommand.command, SimulateCommand.seeds])
