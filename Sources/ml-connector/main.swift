import Host

CommandTable.run(adding: [DemoCommand.command, SandboxCommand.command])
