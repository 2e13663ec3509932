import Core
import Engine
import Glibc
import Store
import Transport

/// Which connections there are, what their processes may do, and what changes when they are read again.
extension Supervisor {
    struct Connection {
        var facts: ConnectionFacts
        var revision: Int64
        var policy: WorkerLife.Policy
        var hook: Hook?
        /// Has no worker. Its webhooks are taken all the same and wait for it: a refusal would end the subscription of
        /// some vendors.
        var isPaused = false
    }

    struct IsStopping: Error, CustomStringConvertible {
        var description: String { "the server is being stopped" }
    }

    /// One that cannot be read is left out with an alert; the others do not suffer for it.
    func readConnections() async throws -> [Connection] {
        var connections: [Connection] = []
        var keys: [Name: (tenant: Tenant, key: DataKey)] = [:]
        for tenant in try await control.tenants() {
            do {
                keys[tenant.name] = (tenant, try masterKey.unwrap(tenant.wrappedKey, for: tenant.name))
            } catch {
                alert("tenant \(tenant.name) cannot be served: \(error)", log)
            }
        }
        let all = try await control.connections(of: nil)
        existing = all.map(\.number)
        for stored in all {
            guard let (tenant, key) = keys[stored.draft.tenant] else { continue }
            do {
                connections.append(try connection(stored, tenant, key))
            } catch {
                alert("connection \(stored.draft.tenant)/\(stored.draft.name) cannot be served: \(error)", log)
            }
        }
        return connections
    }

    private func connection(_ stored: StoredConnection, _ tenant: Tenant, _ key: DataKey) throws -> Connection {
        let file = try ConnectionFile(text: stored.draft.document)
        let facts = ConnectionFacts(
            number: stored.number,
            tenant: tenant.name.text,
            name: stored.draft.name.text,
            flow: stored.draft.flow,
            document: file.document.text(),
            folder: try folder.tenant(tenant)
        )
        func secret(_ place: String?) throws -> Secret? {
            guard let place, let sealed = stored.draft.sealedSecrets[place] else { return nil }
            return try stored.open(sealed, at: place, with: key)
        }
        let faces = try file.hookRules.map { rules in
            Hook.Face(
                rules: rules.seen(from: options.outsideAddress),
                secret: try secret(rules.secretPlace),
                nameKey: rules.names.isEmpty ? nil : try secret(FlowHook.secretPlace)
            )
        }
        let hook = faces.isEmpty ? nil : Hook(connection: stored.number, token: stored.hookToken, faces: faces)
        return Connection(
            facts: facts,
            revision: stored.revision,
            policy: file.process.policy(otherwise: options.workerPolicy),
            hook: hook,
            isPaused: stored.isPaused
        )
    }

    /// Makes the seats what the connections say, without starting any that is new.
    @discardableResult
    func apply(_ all: [Connection]) -> Reloaded {
        let connections = all.filter { !$0.isPaused }
        var result = Reloaded(added: 0, changed: 0, removed: 0)
        let wanted = Set(connections.map(\.facts.number))
        for (number, seat) in workers where !wanted.contains(number) {
            result.removed += 1
            workers[number] = nil
            revisions[number] = nil
            if seat.life.state == .down {
                retire(seat)
            } else {
                departing.append(seat)
                seat.unwant()
            }
            gateway.channel?.tell(Unlink(connection: number))
        }
        for connection in connections {
            let number = connection.facts.number
            if let seat = workers[number] {
                guard revisions[number] != connection.revision else { continue }
                result.changed += 1
                seat.connection = connection.facts
                seat.use(connection.policy)
                replace(seat)
            } else if let index = departing.firstIndex(where: { $0.connection?.number == number }) {
                // Taken away a moment ago: its process has to end before the next one may start.
                result.added += 1
                let seat = departing.remove(at: index)
                seat.connection = connection.facts
                seat.use(connection.policy)
                workers[number] = seat
            } else {
                result.added += 1
                workers[number] = Seat(
                    role: .worker,
                    connection: connection.facts,
                    policy: connection.policy,
                    log: log.about(tenant: connection.facts.tenant, connection: connection.facts.name),
                    supervisor: self
                )
            }
            revisions[number] = connection.revision
        }
        hooks = all.compactMap(\.hook)
        gateway.channel?.tell(Hooks(hooks: hooks, connections: existing))
        return result
    }

    func reload() async throws -> Reloaded {
        let connections = try await readConnections()
        guard phase == .running else { throw IsStopping() }
        let result = apply(connections)
        for seat in workers.values { want(seat) }
        if try TLSFiles(options) != servedTLS {
            log.info("the certificate has changed: the gateway is replaced")
            replace(gateway)
        }
        log.info("reloaded: \(result.added) added, \(result.changed) changed, \(result.removed) removed")
        return result
    }

    // MARK: Rights

    func confinement(of tenant: Tenant, _ connection: ConnectionFacts) -> Confinement {
        Confinement(
            user: folder.user(of: tenant),
            memoryBytes: UInt64(memoryMiB(connection)) << 20,
            descriptors: 1_024,
            // What a name look-up and a TLS handshake read, and nothing else outside the tenant's folder.
            readable: [
                "/etc/ssl", "/usr/share/ca-certificates", "/usr/lib/ssl", "/etc/resolv.conf", "/etc/hosts",
                "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/localtime", "/usr/share/zoneinfo",
                "/dev/urandom",
            ],
            writable: [connection.folder, "/dev/null"]
        )
    }

    private func memoryMiB(_ connection: ConnectionFacts) -> Int {
        (try? ConnectionFile(text: connection.document))?.process.memoryMiB ?? 1_024
    }

    var gatewayConfinement: Confinement {
        Confinement(
            user: folder.firstUser,
            memoryBytes: 4 << 30,
            descriptors: 65_536,
            // Its own memory and descriptors, for the metrics.
            readable: ["/proc/self", "/dev/urandom"],
            writable: [folder.inbox, "/dev/null"]
        )
    }

    /// The gateway is everybody's, so it is tried again within seconds, however often it crashes.
    var gatewayPolicy: WorkerLife.Policy {
        var policy = options.workerPolicy
        policy.crashes = max(policy.crashes, 20)
        policy.quarantine = .seconds(1)
        policy.longestQuarantine = .seconds(5)
        policy.longestHoldDown = .seconds(1)
        policy.drainLimit = .seconds(5)
        // It may have to wait for the one before to leave the inbox.
        policy.startLimit = .seconds(15)
        return policy
    }
}

func textFile(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw DataFolder.Failure(description: "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0, count < bytes.count else {
        throw DataFolder.Failure(description: "\(path) cannot be read, or is larger than a MiB")
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
}
