/// `bench`: figures of this machine.
enum BenchCommand {
    static let command = Command(name: "bench", arguments: "intake | workers", summary: "measure this machine") { _ in
        .failed
    }
}
