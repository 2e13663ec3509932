import CPosix
import Core
import Glibc
import Store
import Transport

/// A process that does nothing but fork workers. It has loaded what every worker needs, holds no secret, and has never
/// started a thread or a loop: only so can it be copied.
///
/// A forked worker is a grandchild that the supervisor inherits, so that its exit reaches the supervisor.
enum Zygote {
    static func run(control: Int32) -> Never {
        let supervisor = getppid()
        ml_die_with_parent(supervisor)
        ml_set_process_name("ml zygote")
        // Nor can a worker of the same user get into it, where the kernel has no Landlock.
        _ = ml_not_dumpable()
        signal(SIGPIPE, SIG_IGN)
        // A blocking socket: there is no loop to wait in.
        _ = fcntl(control, F_SETFL, fcntl(control, F_GETFL) & ~O_NONBLOCK)
        Libraries.load()
        var talk = BlockingTalk(descriptor: control)
        talk.greet()
        while let (frame, descriptors) = talk.next() {
            guard frame.tag == ForkQuestion.tag, let worker = descriptors.first else { exit(1) }
            let pid = ml_fork_orphan()
            if pid == 0 {
                becomeWorker(control: worker, supervisor: supervisor)
            }
            for descriptor in descriptors { close(descriptor) }
            talk.answer(frame, Forked(pid: pid))
        }
        exit(0)
    }

    private static func becomeWorker(control: Int32, supervisor: Int32) -> Never {
        dup2(control, 3)
        ml_close_from(4)
        // The process that forked it ends at once; until then its parent would be the wrong one to die with.
        guard ml_wait_for_parent(supervisor) == 0 else { exit(1) }
        setpgid(0, 0)
        Worker.run(control: 3)
    }
}

/// The libraries, loaded and initialised before the first fork, so that every worker shares their pages.
enum Libraries {
    static func load() {
        HTTPClient.prepareLibrary()
        Database.prepareLibrary()
        Digest.prepareLibrary()
        speak()
    }

    /// The runtime makes types ready at their first use, in memory of the process that uses them: what every worker
    /// reads and says is read and said here once, so that they share that, too.
    private static func speak() {
        let confinement = Confinement(user: 1, memoryBytes: 1, descriptors: 1, readable: ["/"], writable: ["/"])
        let connection = ConnectionFacts(number: 1, tenant: "a", name: "b", flow: "c", document: "{}", folder: "/")
        hear(
            Assignment(
                connection: connection,
                dataKey: Secret(text: "none"),
                secrets: [PlacedSecret(place: "a", secret: Secret(text: "none"))],
                hookURL: Secret(text: "none"),
                confinement: confinement,
                logStyle: Log.Style()
            )
        )
        hear(Ready(missing: ["nothing"]))
        hear(Beat(figures: WorkerFigures()))
        let arrival = Arrival(
            connection: 1,
            key: EventKey(high: 1, low: 1),
            kind: "none",
            receivedMilliseconds: 1,
            body: [1]
        )
        hear(Deliver(events: [Event(sequence: 1, arrival: arrival)]))
        hear(Deliver.Answer(stored: 1, duplicates: 1))
        _ = try? ConnectionFile(text: #"{ tenant: "a", name: "b", flow: "c", webhook: { identity: { header: "d" } } }"#)
        _ = try? JSON.parse(#"{"a":["b",1,true,null]}"#)
    }

    private static func hear<Message: Wire>(_ message: Message) {
        var writer = WireWriter()
        message.write(to: &writer)
        var reader = WireReader(writer.bytes[...])
        _ = try? Message(from: &reader)
    }
}

/// A channel for a process without a loop: one question at a time, waiting for it.
private struct BlockingTalk {
    let descriptor: Int32
    private var frames = FrameReader()
    private var greeted = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func greet() {
        send(Channel.hello)
    }

    /// Nil when the supervisor is gone, or does not speak our protocol.
    mutating func next() -> (Frame, [Int32])? {
        var descriptors: [Int32] = []
        while true {
            if let frame = try? frames.next() {
                if greeted { return (frame, descriptors) }
                greeted = true
                continue
            }
            var arrived = [Int32](repeating: -1, count: Int(ML_MOST_DESCRIPTORS))
            var count: Int32 = 0
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let got = ml_receive(descriptor, &bytes, bytes.count, &arrived, &count)
            guard got > 0 else { return nil }
            frames.append(bytes[..<got])
            descriptors += arrived.prefix(Int(count))
        }
    }

    func answer(_ question: Frame, _ answer: Forked) {
        var writer = WireWriter()
        answer.write(to: &writer)
        send(
            Frame(
                tag: question.tag,
                purpose: .answer,
                correlation: question.correlation,
                message: writer.bytes[...]
            )
        )
    }

    private func send(_ frame: Frame) {
        var bytes: [UInt8] = []
        frame.append(to: &bytes)
        // A socket that has just been read from takes these few bytes whole.
        if ml_send(descriptor, bytes, bytes.count, nil, 0) != bytes.count { exit(1) }
    }
}
