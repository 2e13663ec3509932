import Core
import Engine
import Flows
import Store

/// One connection as its owner wrote it down: a JSON5 file that can be kept in git. It holds no secret, only references
/// to where secrets are.
///
///     {
///       tenant: "acme", name: "orders", flow: "demonstration",
///       webhook: {
///         check: "hmac-sha256", header: "X-Signature", secret: { env: "ACME_HOOK_SECRET" },
///         identity: { header: "X-Event-Id" },
///       },
///     }
struct ConnectionFile: Equatable {
    var tenant: Name
    var name: Name
    var flow: String
    var webhook: HookRules?
    var process: ProcessLimits
    var retention: Retention
    /// Where each secret is to be found, by its place in the document.
    var secrets: [String: SecretReference]
    /// The whole document.
    var document: JSON

    init(text: String) throws {
        let document = try JSON.parse5(text)
        let root = JSONField(document)
        // Each flow checks what is its own when it is made of the document.
        tenant = try Self.name(root["tenant"])
        name = try Self.name(root["name"])
        flow = try root["flow"].string()
        webhook = try root["webhook"].orNil.map { field throws in try HookRules(field) }
        if webhook != nil, !FlowCatalog.hooks(flow).isEmpty {
            throw root["webhook"].wrong("\(flow) checks its webhooks in its own way; leave this section out")
        }
        process = try ProcessLimits(root["process"])
        retention = try Retention(root["retention"])
        secrets = [:]
        try Self.collectSecrets(root, into: &secrets)
        guard secrets.count <= Self.mostSecrets else {
            throw root.wrong("has more than \(Self.mostSecrets) secrets")
        }
        self.document = document
        guard document.text().utf8.count <= Self.largest else {
            throw root.wrong("is larger than \(Self.largest) bytes")
        }
    }

    /// How its webhooks are checked: as the flow needs it, each kind in its own way, or else as the document says. Empty
    /// where it has none.
    var hookRules: [HookRules] {
        let root = JSONField(document)
        let own = FlowCatalog.hooks(flow, document: root).map { HookRules($0, of: root) }
        return own.isEmpty ? [webhook].compactMap(\.self) : own
    }

    /// A worker is handed it in one message.
    private static let largest = 1 << 20
    private static let mostSecrets = 100

    private static func name(_ field: JSONField) throws -> Name {
        let text = try field.string()
        do {
            return try Name(text)
        } catch {
            throw field.wrong("\(error)")
        }
    }

    private static func collectSecrets(_ field: JSONField, into secrets: inout [String: SecretReference]) throws {
        switch field.value {
        case .object:
            if let reference = try SecretReference(field) {
                secrets[field.path] = reference
            } else {
                for member in try field.members() { try collectSecrets(member.field, into: &secrets) }
            }
        case .array: for element in try field.elements() { try collectSecrets(element, into: &secrets) }
        case .null, .bool, .number, .string, nil: break
        }
    }
}

/// Where a secret is to be read when the connection is added.
enum SecretReference: Equatable {
    case environment(String)
    case file(String)
    case prompt

    /// Nil for an object that is something else.
    init?(_ field: JSONField) throws {
        guard case .object(let object) = field.value, object.count == 1, let member = object.members.first else {
            return nil
        }
        switch (member.name, member.value) {
        case ("env", .string(let name)): self = .environment(name)
        case ("file", .string(let path)): self = .file(path)
        case ("prompt", .bool(true)): self = .prompt
        case ("env", _), ("prompt", _):
            throw field.wrong("expected { env: \"NAME\" }, { file: \"PATH\" } or { prompt: true }")
        default: return nil
        }
    }
}

/// What one connection's process may use, and how often it may crash.
struct ProcessLimits: Equatable {
    var memoryMiB = 1_024
    var crashes: Int?
    var crashPeriodSeconds: Int?
    var drainSeconds: Int?

    init(_ field: JSONField) throws {
        guard let field = field.orNil else { return }
        try field.allowOnly(["memoryMiB", "crashes", "crashPeriodSeconds", "drainSeconds"])
        if let memory = field["memoryMiB"].orNil { memoryMiB = try memory.int(in: 64...65_536) }
        crashes = try field["crashes"].orNil?.int(in: 1...1_000_000)
        crashPeriodSeconds = try field["crashPeriodSeconds"].orNil?.int(in: 1...86_400)
        drainSeconds = try field["drainSeconds"].orNil?.int(in: 1...600)
    }

    /// The server's policy, with what this connection says instead.
    func policy(otherwise usual: WorkerLife.Policy) -> WorkerLife.Policy {
        var policy = usual
        if let crashes { policy.crashes = crashes }
        if let crashPeriodSeconds { policy.period = .seconds(crashPeriodSeconds) }
        if let drainSeconds { policy.drainLimit = .seconds(drainSeconds) }
        return policy
    }
}
