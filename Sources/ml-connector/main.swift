import Host

CommandTable.run()
