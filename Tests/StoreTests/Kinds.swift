import Store
import Testing

/// One implementation of a store, as the conformance suites see it. PostgreSQL joins by one more line in each list.
struct Kind<Place: Sendable>: Sendable, CustomTestStringConvertible {
    var name: String
    /// An empty place that any number of stores, one after the other or at once, can be opened on.
    var place: @Sendable () throws -> Place
    var testDescription: String { name }
}

struct InboxPlace: Sendable {
    var open: @Sendable (_ maximumBytes: Int64?) async throws -> any InboxStore
}

struct TenantPlace: Sendable {
    var open: @Sendable () async throws -> any TenantStore
}

struct ControlPlace: Sendable {
    var open: @Sendable () async throws -> any ControlPlane
}

let inboxes = [
    Kind<InboxPlace>(name: "SQLite") {
        let folder = Folder()
        return InboxPlace { try await SQLiteInbox.open(folder["inbox.db"], maximumBytes: $0) }
    }
]

let tenantStores = [
    Kind<TenantPlace>(name: "SQLite") {
        let folder = Folder()
        return TenantPlace { try await SQLiteTenantStore.open(folder["tenant.db"]) }
    }
]

let controlPlanes = [
    Kind<ControlPlace>(name: "SQLite") {
        let folder = Folder()
        return ControlPlace { try await SQLiteControlPlane.open(folder["control.db"]) }
    }
]
