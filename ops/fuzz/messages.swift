// sources: Core CPosix CCurl CMicrohttpd CExpat Transport Systems CSQLite COpenSSL Store Engine Flows Host
// longest: 2048
import Core
import Transport

@testable import Host

/// No bytes from a peer crash a reader, and a message that can be read comes back from what it writes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    let types: [any Wire.Type] = [
        Assignment.self, Link.self, Ready.self, Beat.self, Parting.self, GatewayAssignment.self, Hooks.self,
        Unlink.self,
        PoolFacts.self, Deliver.self, Deliver.Answer.self, Forked.self, Status.self, Reloaded.self, RetryQuestion.self,
        Handover.self,
    ]
    types[Int(start[0]) % types.count].check(bytes)
    return 0
}

extension Wire {
    fileprivate static func check(_ bytes: [UInt8]) {
        var reader = WireReader(bytes[...])
        guard let message = try? Self(from: &reader) else { return }
        var writer = WireWriter()
        message.write(to: &writer)
        precondition(bytes.starts(with: writer.bytes), "\(Self.self) writes other bytes than it read")
    }
}
