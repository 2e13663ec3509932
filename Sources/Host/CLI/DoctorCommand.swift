import CPosix
import Core
import Glibc
import Store
import Transport

/// `doctor`: looks at machine, data directory and server, and says what to do about what it finds.
enum DoctorCommand {
    enum Verdict: String {
        case good, advice, bad
    }

    struct Finding {
        var verdict: Verdict
        var what: String
        var remedy = ""
    }

    static let command = Command(
        name: "doctor",
        summary: "check machine, data and server, and say what to do",
        flags: [CommandTable.data, CommandTable.json] + MasterKeySource.flags
    ) { arguments in
        let findings = try await kernel() + data(arguments) + server(arguments)
        if arguments.has("json") {
            let list = findings.map { finding -> JSON in
                [
                    "verdict": .string(finding.verdict.rawValue), "what": .string(finding.what),
                    "remedy": .string(finding.remedy),
                ]
            }
            Terminal.print(JSON.array(list).text(.pretty))
        } else {
            for finding in findings {
                let mark = finding.verdict == .good ? "ok      " : finding.verdict == .advice ? "advice  " : "PROBLEM "
                Terminal.print(mark + finding.what + (finding.remedy.isEmpty ? "" : "\n        -> " + finding.remedy))
            }
        }
        return findings.contains { $0.verdict == .bad } ? .failed : .done
    }

    private static func kernel() -> [Finding] {
        var findings: [Finding] = []
        let abi = ml_landlock_abi()
        findings.append(
            abi >= 3
                ? Finding(verdict: .good, what: "Landlock \(abi): a worker sees its tenant's folder only")
                : Finding(
                    verdict: .advice,
                    what: "Landlock is \(abi > 0 ? "old (\(abi))" : "missing"): workers share the disk",
                    remedy: "use a kernel of 6.2 or later with lsm=landlock"
                )
        )
        findings.append(
            geteuid() == 0
                ? Finding(verdict: .good, what: "root: each tenant's workers can have a user of their own")
                : Finding(
                    verdict: .advice,
                    what: "not root: all workers run as user \(geteuid())",
                    remedy:
                        "for a user a tenant run as root; a container needs CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_KILL"
                )
        )
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        findings.append(
            limit.rlim_max >= 8_192
                ? Finding(verdict: .good, what: "up to \(limit.rlim_max) open files")
                : Finding(
                    verdict: .advice,
                    what: "only \(limit.rlim_max) open files: about \(limit.rlim_max / 4) connections",
                    remedy: "raise it: ulimit -n 65536, or --ulimit nofile=65536 for the container"
                )
        )
        return findings
    }

    @OnLoop private static func data(_ arguments: Arguments) async throws -> [Finding] {
        let path = arguments.data
        guard access(path, F_OK) == 0 else {
            return [
                Finding(
                    verdict: .advice,
                    what: "\(path) does not exist yet",
                    remedy: "the first `serve` makes it, or name another with --data"
                )
            ]
        }
        guard access(path, W_OK) == 0 else {
            return [
                Finding(
                    verdict: .bad,
                    what: "\(path) cannot be written by user \(geteuid())",
                    remedy: "chown it to that user, or run as its owner"
                )
            ]
        }
        var findings = [space(path), syncSpeed(path)]
        if geteuid() == 0, !DataFolder.othersMayEnter(path) {
            findings.append(
                Finding(
                    verdict: .advice,
                    what: "\(path) cannot be entered by other users, so tenants get none of their own",
                    remedy: "chmod o+x it and the folders above it: what is inside stays closed"
                )
            )
        }
        if access(path + "/master.key", F_OK) == 0, arguments["master-key-file"] == nil {
            findings.append(
                Finding(
                    verdict: .advice,
                    what: "the master key lies beside the data it protects",
                    remedy: "keep it elsewhere and name it with --master-key-file, and back it up apart from the data"
                )
            )
        }
        findings += await keys(arguments)
        return findings
    }

    private static func space(_ path: String) -> Finding {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return Finding(verdict: .bad, what: "\(path) cannot be measured") }
        let free = (UInt64(status.f_bavail) * UInt64(status.f_frsize)) >> 20
        return free > 1_024
            ? Finding(verdict: .good, what: "\(free) MiB free for data")
            : Finding(
                verdict: free > 100 ? .advice : .bad,
                what: "only \(free) MiB free for data",
                remedy: "free some: when the disk is full webhooks are answered 503"
            )
    }

    /// Every acknowledgement waits for the disk, so its speed is the floor of every answer.
    private static func syncSpeed(_ path: String) -> Finding {
        let file = path + "/.doctor"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return Finding(verdict: .bad, what: "no file can be made in \(path)") }
        defer {
            close(descriptor)
            unlink(file)
        }
        let block = [UInt8](repeating: 0, count: 4_096)
        var durations: [Duration] = []
        for _ in 0..<50 {
            let began = Instant.now
            guard write(descriptor, block, block.count) == block.count, fdatasync(descriptor) == 0 else {
                return Finding(verdict: .bad, what: "\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
            durations.append(Instant.now - began)
        }
        let median = durations.sorted()[25]
        let microseconds = median.nanoseconds / 1_000
        return median < .milliseconds(20)
            ? Finding(verdict: .good, what: "the disk makes a write durable in \(microseconds) us (median of 50)")
            : Finding(
                verdict: .advice,
                what: "the disk needs \(microseconds) us to make a write durable",
                remedy: "put the data on a local or faster volume: every webhook waits for it"
            )
    }

    @OnLoop private static func keys(_ arguments: Arguments) async -> [Finding] {
        do {
            guard access(arguments.data + "/control.db", F_OK) == 0 else { return [] }
            let masterKey = try MasterKeySource(arguments).load(data: arguments.data)
            let control = try await SQLiteControlPlane.open(arguments.data + "/control.db")
            let tenants = try await control.tenants()
            let closed = tenants.filter { (try? masterKey.unwrap($0.wrappedKey, for: $0.name)) == nil }
            await control.close()
            guard !closed.isEmpty else {
                return [
                    Finding(verdict: .good, what: "the master key opens the data keys of all \(tenants.count) tenants")
                ]
            }
            return closed.map {
                Finding(
                    verdict: .bad,
                    what: "the master key does not open the data key of tenant \($0.name)",
                    remedy: "give the key that it was sealed with: --master-key-file"
                )
            }
        } catch {
            return [Finding(verdict: .bad, what: "\(error)")]
        }
    }

    @OnLoop private static func server(_ arguments: Arguments) async -> [Finding] {
        guard let talk = ServerTalk(data: arguments.data) else {
            return [
                Finding(
                    verdict: .advice,
                    what: "no server runs on \(arguments.data)",
                    remedy: "ml-connector serve --data \(arguments.data)"
                )
            ]
        }
        do {
            let status = try await talk.ask(StatusQuestion())
            var findings = [
                Finding(
                    verdict: status.gateway.state == "up" ? .good : .bad,
                    what: "the server's gateway is \(status.gateway.state)",
                    remedy: status.gateway.reason ?? ""
                )
            ]
            for worker in status.workers where worker.state == "quarantined" || worker.state == "waiting" {
                findings.append(
                    Finding(
                        verdict: .bad,
                        what: "\(worker.tenant)/\(worker.name) is \(worker.state)",
                        remedy: (worker.reason ?? "see its log")
                            + "; then: ml-connector retry \(worker.tenant)/\(worker.name)"
                    )
                )
            }
            return findings
        } catch {
            return [Finding(verdict: .bad, what: "the server does not answer: \(error)")]
        }
    }
}
