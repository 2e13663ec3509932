import Core
import Glibc
import Store
import Transport

/// A command's look into a tenant's own store, beside the workers that have it open.
enum TenantVisit {
    /// Nil where the tenant has stored nothing yet. From here on the command has no more rights than the tenant: a file
    /// that root made there could not be opened by its workers, and what they made is not opened with root's rights.
    static func open(_ tenant: Name, in folder: DataFolder) async throws -> SQLiteTenantStore? {
        let place = folder.path + "/tenants/" + tenant.text
        let file = place + "/store.db"
        var status = stat()
        guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        try stepDown(to: status)
        guard access(file, F_OK) == 0 else {
            if errno == ENOENT { return nil }
            throw CommandFailure(
                code: .failed,
                text:
                    "\(file) cannot be read: \(String(cString: strerror(errno))); run as the server's user, or as root"
            )
        }
        return try await SQLiteTenantStore.open(file)
    }

    static func required(_ tenant: Name, in folder: DataFolder) async throws -> SQLiteTenantStore {
        guard let store = try await open(tenant, in: folder) else {
            throw CommandFailure(code: .failed, text: "the tenant \(tenant) has stored nothing yet")
        }
        return store
    }

    private static func stepDown(to owner: stat) throws {
        guard geteuid() == 0, owner.st_uid != 0 else { return }
        guard setgroups(0, nil) == 0, setgid(owner.st_gid) == 0, setuid(owner.st_uid) == 0 else {
            throw CommandFailure(
                code: .failed,
                text: "cannot become user \(owner.st_uid), whose store this is: \(String(cString: strerror(errno)))"
            )
        }
    }
}

extension ControlPlane {
    func known(_ tenant: Name, _ name: Name) throws -> StoredConnection {
        guard let stored = try connection(name, of: tenant) else {
            throw CommandFailure(
                code: .failed,
                text: "there is no connection \(tenant)/\(name); see ml-connector connection list"
            )
        }
        return stored
    }
}

func timeText(_ milliseconds: Int64) -> String {
    WallTime(millisecondsSince1970: Int(milliseconds)).text(fractionDigits: 0)
}
