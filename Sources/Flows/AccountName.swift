import Core
import Engine
import Store
import Transport

/// What tells the accounts of a tenant apart whose limits are counted, and shows nothing of them.
enum AccountName {
    static func of(_ names: [String], and secret: Secret? = nil) -> String {
        let digest = SHA256().digest { hash in
            for name in names { Array("\(name.utf8.count):\(name)".utf8).withUnsafeBytes { hash.add($0) } }
            secret?.withBytes { hash.add($0) }
        }
        // Half a digest is enough to tell them apart.
        return "\(names[0])-\(digest.hexadecimal.prefix(16))"
    }
}

extension FlowContext {
    struct MissingSecret: Error, CustomStringConvertible {
        var description: String
    }

    func secret(_ place: String) throws -> Secret {
        guard let secret = secrets[place] else {
            throw MissingSecret(
                description: "\(place): there is no such secret; expected { env: \"NAME\" } or { file: \"PATH\" }"
            )
        }
        return secret
    }
}

extension HTTPClient.Deadlines {
    static func limited(to longest: Duration?, otherwise usual: Self) -> Self {
        guard let longest else { return usual }
        var deadlines = usual
        deadlines.connect = min(usual.connect, longest)
        deadlines.idle = longest
        deadlines.total = longest
        return deadlines
    }
}

extension WorkerFigures {
    mutating func add(_ keeper: RateKeeper, of system: String) async {
        for (outcome, count) in await keeper.outcomes {
            calls.append(.init(system: system, name: outcome, count: count))
        }
        guard let (facts, windows) = try? await keeper.facts() else { return }
        for window in windows {
            self.windows.append(
                .init(
                    system: system,
                    window: window.name,
                    account: keeper.account,
                    used: UInt32(clamping: facts.used[window.name] ?? 0),
                    limit: UInt32(clamping: window.limit)
                )
            )
            guard window.kind == .daily, facts.used[window.name] ?? 0 >= window.limit else { continue }
            let frees = window.frees(spentAt: Int64(WallTime.now.millisecondsSince1970))
            spentDays.append(.init(system: system, limit: UInt32(clamping: window.limit), untilMilliseconds: frees))
        }
        guard !facts.circuit.isClosed else { return }
        outages.append(.init(system: system, account: keeper.account, sinceMilliseconds: facts.circuit.since))
    }
}
