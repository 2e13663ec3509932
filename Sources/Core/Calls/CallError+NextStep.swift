extension CallError.Kind {
    /// What a person does about a record that is parked for this, in plain words.
    package var nextStep: String {
        switch self {
        case .credentials:
            "give the connection a token or secret that works: connection test says which one does not; then replay"
        case .permission:
            "give the connection's user the right to do this in the system that refused it; then replay"
        case .configuration:
            "mend the connection's file or the board, as the reason says; then replay"
        case .throttled, .quota:
            "wait until the system admits calls again, or raise its limit; then replay"
        case .outage, .network, .timeout:
            "wait until the system answers again; then replay"
        case .validation:
            "mend the record at its source, which tries it again by itself; or make the target take it (a label, a "
                + "column, a mapping), then replay"
        case .conflict:
            "look at the record on both sides and settle which one is right; then replay"
        case .missing:
            "look whether somebody took away the item, the board or the record; put it back, or name another, then replay"
        case .expired:
            "replay: what it was based on was no longer valid"
        case .garbage:
            "replay; if the system answers nonsense again, give its support the request id of the audit's line"
        case .defect:
            "this is likely a mistake of ours: report it with the audit's line; it can be replayed after an upgrade"
        }
    }
}
