/// What is done about each kind of drift that a reconcile of one route finds, and when it looks by itself.
package struct ReconcilePolicy: Sendable, Equatable {
    package enum Choice: String, Sendable, CaseIterable {
        case repair
        case report
    }

    /// Nil where it runs only when somebody asks.
    package var schedule: Schedule?
    package var missing = Choice.repair
    package var extra = Choice.repair
    package var different = Choice.repair
    /// Two items of one record may both hold what people wrote: nobody but they can say which one is to go.
    package var duplicate = Choice.report

    package init(schedule: Schedule?) {
        self.schedule = schedule
    }

    package func choice(for kind: Drift.Kind) -> Choice {
        switch kind {
        case .missing: missing
        case .extra: extra
        case .different: different
        case .duplicate: duplicate
        // To know an item for ours changes nothing on either side.
        case .unlinked: .repair
        }
    }
}

/// What a person asked for: kept in the store, so that it outlives whoever is to do it.
package struct ReconcileWish: Sendable, Equatable {
    /// Nothing is repaired, whatever the policy says.
    package var reportsOnly = false
    /// Items are put away even if most of them seem to have lost their records.
    package var putsAwayMost = false

    package init(reportsOnly: Bool = false, putsAwayMost: Bool = false) {
        self.reportsOnly = reportsOnly
        self.putsAwayMost = putsAwayMost
    }

    package init(_ state: JSON) throws {
        let field = JSONField(state)
        reportsOnly = try field["reportsOnly"].orNil?.bool() ?? false
        putsAwayMost = try field["putsAwayMost"].orNil?.bool() ?? false
    }

    package var json: JSON {
        ["reportsOnly": .bool(reportsOnly), "putsAwayMost": .bool(putsAwayMost)]
    }
}
