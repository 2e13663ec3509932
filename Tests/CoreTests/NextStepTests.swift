import Core
import Testing

@Suite struct `the next step of what is parked` {
    @Test(arguments: CallError.Kind.allCases) func `is one that a person can take`(kind: CallError.Kind) {
        #expect(kind.nextStep.contains("replay") && kind.nextStep.split(separator: " ").count > 5)
    }

    @Test func `is another for what is mended in another place`() {
        let places: [CallError.Kind] = [
            .credentials, .permission, .configuration, .throttled, .outage, .validation, .conflict, .missing, .expired,
            .garbage, .defect,
        ]
        #expect(Set(places.map(\.nextStep)).count == places.count)
    }
}
