import Testing
import Transport

@testable import Host

@Suite struct `a command line` {
    static func options(_ words: String..., environment: [String: String] = [:]) throws -> ServeOptions {
        try ServeOptions(Arguments(words, flags: ServeOptions.flags, environment: environment))
    }

    @Test func `sets what it names and leaves the rest as usual`() throws {
        let options = try Self.options("--listen", "[::1]:99", "--log=json", "--restarts", "7/8", "--spawner", "exec")
        #expect(options.host == "::1" && options.port == "99" && options.listen == "[::1]:99")
        #expect(options.logStyle.format == .json && options.spawner == .exec && options.data == "data")
        #expect(options.workerPolicy.crashes == 7 && options.workerPolicy.period == .seconds(8))
    }

    @Test func `goes before the environment`() throws {
        let environment = ["ML_DATA": "/a", "ML_LISTEN": "0.0.0.0:1"]
        let options = try Self.options("--data", "/b", environment: environment)
        #expect(options.data == "/b" && options.listen == "0.0.0.0:1")
    }

    @Test(arguments: [
        (["--lisen", "x"], "--lisen"), (["--listen"], "--listen HOST:PORT"), (["--listen", "8080"], "HOST:PORT"),
        (["--log", "xml"], "text, json"), (["--restarts", "5"], "5/60"), (["--drain", "0"], "from 1 to 600"),
        (["--tls-key", "x"], "--tls-certificate"),
        (["--master-key-file", "x", "--master-key-command", "y"], "exclude"),
    ])
    func `is refused with what would be right`(words: [String], hint: String) {
        let error = #expect(throws: UsageError.self) {
            try ServeOptions(Arguments(words, flags: ServeOptions.flags))
        }
        #expect(error?.description.contains(hint) == true)
    }

    @Test func `lines columns up`() {
        #expect(Terminal.table([["A", "B"], ["long", "x"]]) == "A     B\nlong  x")
    }
}
