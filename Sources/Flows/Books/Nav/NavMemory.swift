import Core
import Store

/// A place in the tenant's store for what a source of NAV's has to know from one reading to the next.
struct NavMemory: Sendable {
    let store: any TenantStore
    let name: String

    init(_ store: any TenantStore, connection: Int64, route: String) {
        self.store = store
        name = "nav.listed.\(connection).\(route)"
    }

    /// What cannot be read any more is as good as nothing: the next comparison finds what was missed.
    func load() async throws -> JSON? {
        try await store.setting(name).flatMap { try? JSON.parse($0) }
    }

    func store(_ state: JSON) async throws {
        try await store.put(state.text(), setting: name)
    }
}
