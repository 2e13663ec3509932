// sources: Core
// seed: {a:1,'b':[.5,0xF,+1.,-2e3,],/* c */"d":'\x41\u0042\
// seed: // x
// seed: {$_\u0061:null,ünï:'\'\0\v',}
import Core

/// What JSON5 reads can be written as JSON and is then the same value.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count).span
    do {
        let value = try JSON.parse5(bytes)
        guard let again = try? JSON.parse(value.bytes(.pretty).span) else {
            preconditionFailure("what is written is no JSON")
        }
        precondition(again == value, "written and read again, it is another value")
    } catch {
        precondition(0...count ~= error.offset && error.line > 0 && error.column > 0, "no such place")
        precondition((try? JSON.parse(bytes)) == nil, "JSON5 refuses this JSON")
    }
    return 0
}
