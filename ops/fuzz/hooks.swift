// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems CSQLite COpenSSL Store Engine Flows Host
// seed: { tenant: "a", name: "b", flow: "demonstration", webhook: { check: "header", header: "X", secret: { env: "A" } } }
// seed: {"event":{"id":17}}
import Core
import Store
import Transport

@testable import Host

private nonisolated(unsafe) var isReady = false

/// Whatever comes as a proof, an identity or a body: nothing without the signature is genuine. And a connection file is
/// read or refused with words.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if !isReady {
        EpollLoop.process.adopt()
        isReady = true
    }
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    do {
        _ = try ConnectionFile(text: text)
    } catch {
        precondition(!"\(error)".isEmpty, "refused without a word")
    }
    OnLoop.assumeIsolated {
        for hook in hooks {
            let hasher = SHA256()
            bytes.withUnsafeBytes { body in
                precondition(hook.check(proof: body, body: body) == .forged, "a forgery passed")
                _ = hook.key(identity: body, body: body, hasher: hasher)
            }
        }
    }
    return 0
}

@OnLoop private let hooks: [PreparedHook] = HookRules.Check.allCases.filter { $0 != .none }.flatMap { check in
    HookRules.Identity.allCases.flatMap { identity in
        HookRules.Encoding.allCases.compactMap { encoding in
            var rules = HookRules()
            rules.check = check
            rules.encoding = encoding
            rules.identity = identity
            rules.identityName = "event.subscriptionId+event.id|id"
            let secret = try? Random.secret(32)
            return try? PreparedHook(Hook(connection: 1, token: Secret([]), rules: rules, secret: secret))
        }
    }
}
