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
    /// Removes it and all that is in it. Not to be called before the last use: a store may notice that its place is gone.
    var end: @Sendable () -> Void
}

struct TenantPlace: Sendable {
    var open: @Sendable () async throws -> any TenantStore
    var end: @Sendable () -> Void
}

struct ControlPlace: Sendable {
    var open: @Sendable () async throws -> any ControlPlane
    var end: @Sendable () -> Void
}

let inboxes = [
    Kind<InboxPlace>(name: "SQLite") {
        let folder = Folder()
        return InboxPlace(
            open: { try await SQLiteInbox.open(folder["inbox.db"], maximumBytes: $0) },
            end: folder.remove
        )
    }
]

let tenantStores = [
    Kind<TenantPlace>(name: "SQLite") {
        let folder = Folder()
        return TenantPlace(open: { try await SQLiteTenantStore.open(folder["tenant.db"]) }, end: folder.remove)
    }
]

let controlPlanes = [
    Kind<ControlPlace>(name: "SQLite") {
        let folder = Folder()
        return ControlPlace(open: { try await SQLiteControlPlane.open(folder["control.db"]) }, end: folder.remove)
    }
]
