import Core
import Glibc
import Store
import Transport

/// Where an installation keeps what it knows, and who may read which part of it.
///
///     control.db      tenants, connections, sealed secrets      the supervisor's
///     control.sock    the command line's way to the server      the supervisor's
///     inbox/          acknowledged webhooks                     the gateway's
///     tenants/NAME/   one tenant's own store                    that tenant's
struct DataFolder: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let path: String
    /// The user of the gateway; tenants have the ones above it. Nil when everything runs as one user.
    private(set) var firstUser: UInt32?

    /// A command gives no user: it may run as another one than the server, whose folders are not a command's to make.
    init(_ path: String, firstUser: UInt32?) throws {
        guard let absolute = Self.absolute(path) else {
            throw Failure(
                description: "the data directory \(path) has no absolute path: \(String(cString: strerror(errno)))"
            )
        }
        self.path = absolute
        self.firstUser = geteuid() == 0 ? firstUser : nil
        try make(absolute, mode: 0o711, owner: nil)
        guard firstUser != nil else { return }
        if !Self.othersMayEnter(absolute) { self.firstUser = nil }
        try make(absolute + "/tenants", mode: 0o711, owner: nil)
        try make(inbox, mode: 0o700, owner: self.firstUser)
    }

    var control: String { path + "/control.db" }
    var socket: String { path + "/control.sock" }
    var lock: String { path + "/owner" }
    var inbox: String { path + "/inbox" }

    func user(of tenant: Tenant) -> UInt32? {
        firstUser.map { $0 + UInt32(clamping: tenant.number) }
    }

    /// Made when it is missing, and given to the tenant's user.
    func tenant(_ tenant: Tenant) throws -> String {
        let folder = path + "/tenants/" + tenant.name.text
        try make(folder, mode: 0o700, owner: user(of: tenant))
        return folder
    }

    private func make(_ folder: String, mode: mode_t, owner: UInt32?) throws {
        guard mkdir(folder, mode) == 0 || errno == EEXIST else {
            throw Failure(description: "\(folder) cannot be made: \(String(cString: strerror(errno)))")
        }
        guard let owner else { return }
        var status = stat()
        guard stat(folder, &status) == 0, status.st_uid != owner else { return }
        // After a change of users the files come along.
        for file in try files(in: folder) + [folder] {
            guard lchown(file, owner, owner) == 0 else {
                throw Failure(
                    description: "\(file) cannot be given to user \(owner): \(String(cString: strerror(errno)))"
                )
            }
        }
    }

    private func files(in folder: String) throws -> [String] {
        guard let list = opendir(folder) else {
            throw Failure(description: "\(folder) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(list) }
        var names: [String] = []
        while let entry = readdir(list) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(folder + "/" + name) }
        }
        return names
    }

    private static func absolute(_ path: String) -> String? {
        guard !path.hasPrefix("/") else { return path }
        guard let here = getcwd(nil, 0) else { return nil }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    /// Whether another user gets as far as this folder: every folder above must let them through.
    static func othersMayEnter(_ path: String) -> Bool {
        guard var folder = absolute(path) else { return false }
        while true {
            var status = stat()
            guard stat(folder, &status) == 0, status.st_mode & 0o001 != 0 else { return false }
            guard let slash = folder.lastIndex(of: "/"), folder != "/" else { return true }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
            if folder == "/" { return true }
        }
    }
}
