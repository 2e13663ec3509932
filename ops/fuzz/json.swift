// sources: Core
// seed: {"value":[{"number":"A-1","amount":100.00,"date":null,"posted":true}],"@odata.nextLink":"https:\/\/\u00e4\ud83d\ude00"}
// seed: [-0.5e-3,1E+10,"\"\\\b\f\n\r\t",{},[[]],false]
import Core

/// Skipping, reading and JSON5 judge a text alike, and what was read comes back from what is written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count).span
    let skipped = failure { try JSONReader.read(bytes) { try $0.skip() } }
    let read = failure { _ = try JSON.parse(bytes) }
    // The reader shows members of the same name; only the value refuses them.
    precondition(skipped == read || read?.expected == JSONError.uniqueName, "skipping and reading disagree")
    if let read { precondition(0...count ~= read.offset && read.line > 0 && read.column > 0, "no such place") }
    guard read == nil, let value = try? JSON.parse(bytes) else { return 0 }

    for layout in [JSON.Layout.compact, .pretty] {
        let written = value.bytes(layout)
        guard let again = try? JSON.parse(written.span) else { preconditionFailure("what is written is no JSON") }
        precondition(again == value, "written and read again, it is another value")
        precondition(again.bytes(layout) == written, "written twice, it is another text")
    }
    precondition((try? JSON.parse5(bytes)) == value, "JSON5 reads this JSON differently")
    return 0
}

private func failure(_ body: () throws -> Void) -> JSONError? {
    do {
        try body()
        return nil
    } catch let error as JSONError {
        return error
    } catch {
        preconditionFailure("an error of another type: \(error)")
    }
}
