/// A mistake put in on purpose, to show that it is caught. All of them live in the simulation's own parts, between the
/// product's; nothing of them is in the product.
package enum Sabotage: String, Sendable, CaseIterable {
    /// A webhook is acknowledged before it is on disk.
    case ackBeforeSync = "ack-before-sync"
    /// A page's progress is stored before the page's marks.
    case watermarkEarly = "watermark-early"
    /// Nobody remembers what was written last, so that every look at a record writes it again.
    case echoUnknown = "echo-unknown"
    /// Each worker keeps windows of its own where an account has one for all.
    case windowPerWorker = "window-per-worker"
    /// An intent is stored when its call is over.
    case intentAfterCall = "intent-after-call"
    /// Which events it had is known to a process, and not to the next one.
    case dedupeForgotten = "dedupe-forgotten"

    /// Whether a scenario can bring it to light at all.
    package func shows(in scenario: Scenario) -> Bool {
        switch self {
        case .ackBeforeSync, .watermarkEarly, .dedupeForgotten: scenario.kills > 0
        // What goes both ways is compared with what the item holds.
        case .echoUnknown: !scenario.isTwoWay
        case .windowPerWorker:
            scenario.mutationsPerMinute <= 20
                && scenario.tenants.contains { Set($0.connections.map(\.account)).count < $0.connections.count }
        case .intentAfterCall: scenario.kills > 5 && scenario.searchLag > .seconds(4)
        }
    }
}
