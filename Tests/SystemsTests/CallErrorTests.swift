import Core
import Testing

@Suite struct `an error of a call` {
    @Test func `shows the system, the reason and the request`() {
        let error = CallError(.skipRecord, "Monday", .validation, "the item's name is too long", requestID: "r-1")
        #expect("\(error)" == "Monday: the item's name is too long (request r-1)")
    }
}
