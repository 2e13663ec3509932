import Core

/// What the installation consists of: its tenants, their connections and the secrets of those, sealed.
package protocol ControlPlane: Actor {
    /// Gives the tenant a number that no other tenant ever had. Refuses a name that is taken.
    func add(tenant: Name, wrappedKey: [UInt8]) throws -> Tenant
    func tenant(_ name: Name) throws -> Tenant?
    /// By name.
    func tenants() throws -> [Tenant]
    /// Replaces the wrapped key only where it still is `old`: two rotations at once cannot undo each other.
    func rewrap(tenant: Name, from old: [UInt8], to new: [UInt8]) throws -> Bool
    /// False without such a tenant; refuses one that has connections.
    func remove(tenant: Name) throws -> Bool

    /// Adds the connection, or replaces document, flow and secrets of the one with its name. The number, the hook token
    /// and whether it is paused stay as they were.
    func put(_ draft: ConnectionDraft) throws -> StoredConnection
    func connection(_ name: Name, of tenant: Name) throws -> StoredConnection?
    /// By tenant and name; of all tenants when none is named.
    func connections(of tenant: Name?) throws -> [StoredConnection]
    /// False without such a connection, or when it is so already.
    func setPaused(_ paused: Bool, connection: Name, of tenant: Name) throws -> Bool
    /// False without such a connection. Its number is not given again.
    func remove(connection: Name, of tenant: Name) throws -> Bool

    /// Higher after every edit, whoever made it: cheap to ask again and again.
    func changeCounter() throws -> Int64
    func close()
}

package struct Tenant: Sendable, Equatable {
    package var name: Name
    /// Small and never given twice, so that a user id can be made of it.
    package var number: Int64
    /// The tenant's data key, as `MasterKey.wrap` made it.
    package var wrappedKey: [UInt8]

    package init(name: Name, number: Int64, wrappedKey: [UInt8]) {
        self.name = name
        self.number = number
        self.wrappedKey = wrappedKey
    }
}

/// A connection as its owner describes it.
package struct ConnectionDraft: Sendable, Equatable {
    package var tenant: Name
    package var name: Name
    package var flow: String
    /// The connection's file as it was given, comments and all.
    package var document: String
    /// By name, as `DataKey.seal` made them.
    package var sealedSecrets: [String: [UInt8]]

    package init(tenant: Name, name: Name, flow: String, document: String, sealedSecrets: [String: [UInt8]] = [:]) {
        self.tenant = tenant
        self.name = name
        self.flow = flow
        self.document = document
        self.sealedSecrets = sealedSecrets
    }
}

package struct StoredConnection: Sendable, Equatable {
    package var number: Int64
    package var draft: ConnectionDraft
    /// The part of its webhook path that nobody can guess: 32 hexadecimal digits.
    package var hookToken: Secret
    /// Grows with each edit of this connection.
    package var revision: Int64
    package var isPaused: Bool

    package init(number: Int64, draft: ConnectionDraft, hookToken: Secret, revision: Int64, isPaused: Bool) {
        self.number = number
        self.draft = draft
        self.hookToken = hookToken
        self.revision = revision
        self.isPaused = isPaused
    }
}
