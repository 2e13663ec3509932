import Core

extension Monday.Client {
    /// Whose token it is, of which account, and which version answers: what a connection's test asks first.
    package func ping(lane: Lane = .live) async throws -> Monday.Ping {
        let answer = try await send(Monday.Documents.ping, [:], lane: lane)
        guard let me = answer.data["me"].orNil else {
            try answer.checkWhole()
            throw answer.incomplete(answer.data["me"].wrong("missing"))
        }
        do {
            return Monday.Ping(
                user: try Monday.User(me),
                account: try answer.data["account"].orNil.map(Monday.Account.init),
                version: try? answer.data["version"]["value"].string(),
                // A token that may not see the account still works on its boards.
                complaints: answer.faults.map { $0.callError(answer.circumstances) }
            )
        } catch {
            throw answer.incomplete(error)
        }
    }

    /// All versions that Monday serves. Ours has to be the current one or one that is still maintained.
    package func versions(lane: Lane = .background) async throws -> [Monday.Version] {
        let answer = try await ask(Monday.Documents.versions, [:], lane: lane)
        do {
            return try answer.data["versions"].each(Monday.Version.init)
        } catch {
            throw answer.incomplete(error)
        }
    }

    /// How many calls the account may make a day; the gate learns of it. Nil where the token may not see that. The part
    /// about what is used up is refused on most plans.
    package func dailyBudget(lane: Lane = .background) async throws -> Monday.DailyBudget? {
        let answer = try await send(Monday.Documents.dailyBudget, [:], lane: lane)
        let platform = answer.data["platform_api"]
        guard let total = try? platform["daily_limit"]["total"].int(in: 1...1_000_000_000) else {
            guard let worst = answer.worst, worst.kind != .forbidden, worst.kind != .scopeMissing else { return nil }
            throw worst.callError(answer.circumstances)
        }
        await learned(Monday.Limits.calls.name, limit: total, per: .seconds(86_400))
        var used: [String: Int] = [:]
        for day in ((try? platform["daily_analytics"]["by_day"].elements()) ?? []).prefix(400) {
            guard let name = try? day["day"].string(), let usage = try? day["usage"].int() else { continue }
            used[name] = usage
        }
        return Monday.DailyBudget(total: total, used: used)
    }

    /// Those of the account that have one of these addresses.
    package func users(_ emails: [String], lane: Lane = .background) async throws -> [Monday.User] {
        var users: [Monday.User] = []
        for emails in emails.chunks(of: Monday.Limits.mostIDs) {
            let variables: JSON = ["emails": .array(emails.map { .string($0) }), "limit": 200]
            let answer = try await ask(Monday.Documents.users, variables, lane: lane)
            do {
                users += try answer.data["users"].each(Monday.User.init)
            } catch {
                throw answer.incomplete(error)
            }
        }
        return users
    }
}

extension Array {
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
