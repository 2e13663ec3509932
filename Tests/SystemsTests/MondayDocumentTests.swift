import Core
import Foundation
import Testing

@testable import Systems

/// Every document that can be sent, against the vendor's schema, by an implementation of GraphQL that is not ours.
@Suite struct `Monday's documents` {
    @Test func `all fit the vendor's schema`() throws {
        let documents = everyDocument()
        #expect(documents.count > 300)
        // Kept for whoever renews the schema: see SOURCES.md beside it.
        let verdict = try check(documents.map { ($0.name, $0.text) }, keepingThemAs: "monday-documents.json")
        #expect(verdict.status == 0, "\(verdict.output)")
        #expect(verdict.output.hasSuffix("\(documents.count) documents, 0 faults\n"), "\(verdict.output)")
    }

    @Test(arguments: [
        ("a field that is not there", "query A { me { id nope } }", "nope"),
        ("an argument that is not there", "query A { me(nope: 1) { id } }", "nope"),
        ("a variable of another type", "query A($ids: [Int!]) { boards(ids: $ids) { id } }", "ids"),
        ("a required argument left out", "mutation A { create_item(item_name: \"x\") { id } }", "board_id"),
        ("an object without a selection", "query A { me }", "me"),
        ("a variable that is not declared", "query A { boards(ids: $ids) { id } }", "ids"),
        ("a variable that is not used", "query A($ids: [ID!]) { me { id } }", "ids"),
        ("a fragment on another type", "query A { me { ... on DateValue { date } } }", "DateValue"),
        ("a value that the enumeration lacks", "query A { boards(state: gone) { id } }", "gone"),
        ("a brace left open", "query A { me { id }", "Syntax"),
    ])
    func `would be refused with`(fault: String, text: String, word: String) throws {
        let good = Monday.Documents.ping
        let verdict = try check([(good.name, good.text), ("Wrong", text)])
        #expect(verdict.status == 1, "\(fault): \(verdict.output)")
        #expect(verdict.output.contains("Wrong: ") && verdict.output.contains(word), "\(fault): \(verdict.output)")
        #expect(!verdict.output.contains(good.name))
    }

    @Test func `name their roots, and count what they change`() {
        for document in everyDocument() {
            #expect(!document.roots.isEmpty && Set(document.roots).count == document.roots.count)
            for root in document.roots { #expect(document.text.contains(root), "\(document.name) has no \(root)") }
            #expect(document.text.hasPrefix(document.kind == .query ? "query Ml" : "mutation Ml"))
            #expect(document.text.contains(" \(document.name)"))
            let boards = document.text.contains("create_board(") ? 1 : 0
            #expect(document.boardMutations == boards && document.mutations >= boards)
        }
    }

    @Test func `of several writes have one field for each, in order`() {
        let document = Monday.Documents.write([.create, .update, .archive])
        #expect(document.roots == ["m0", "m1", "m2"] && document.mutations == 3)
        let fields = document.text.split(separator: "\n").filter { $0.hasPrefix("  m") }
        #expect(fields.count == 3 && fields[0].contains("m0: create_item(") && fields[2].contains("m2: archive_item("))
        #expect(Monday.Documents.write([.update]).roots == ["change_multiple_column_values"])
    }

    @Test func `ask for no more of a cell than its column has`() {
        let text = Monday.Documents.items(with: [.date]).text
        #expect(text.contains("DateValue") && !text.contains("StatusValue") && !text.contains("FormulaValue"))
        // A binary float is no amount.
        #expect(everyDocument().allSatisfy { !$0.text.contains("NumbersValue") })
    }
}

/// Both kinds of parts are mixed here as widely as the product could: every column type alone, none, all and many at
/// random; every number of writes, of one kind and of mixed ones.
private func everyDocument() -> [Monday.Document] {
    var random = MondayRandom(seed: 26_10)
    var documents = Monday.Documents.fixed
    var types: [Set<Monday.ColumnType>] = [[], Set(Monday.ColumnType.allCases)]
    types += Monday.ColumnType.allCases.map { [$0] }
    types += (0..<40).map { _ in Set(Monday.ColumnType.allCases.filter { _ in Bool.random(using: &random) }) }
    for types in types {
        documents += [
            Monday.Documents.items(with: types), Monday.Documents.firstPage(with: types),
            Monday.Documents.nextPage(with: types),
        ]
    }
    let shapes = Monday.Documents.WriteShape.allCases
    for count in 1...Monday.Documents.mostWrites {
        documents += shapes.map { Monday.Documents.write(Array(repeating: $0, count: count)) }
        for _ in 0..<10 {
            documents.append(
                Monday.Documents.write(
                    (0..<count).map { _ in shapes[Int.random(in: 0..<shapes.count, using: &random)] }
                )
            )
        }
    }
    return documents
}

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

private func check(
    _ documents: [(name: String, text: String)],
    keepingThemAs name: String? = nil
) throws -> (status: Int32, output: String) {
    let list = JSON.array(documents.map { ["name": .string($0.name), "text": .string($0.text)] })
    let input = root.appending(path: ".build/\(name ?? UUID().uuidString)")
    try Data(list.bytes()).write(to: input)
    defer { if name == nil { try? FileManager.default.removeItem(at: input) } }
    let process = Process()
    // The system's own Python, which has Debian's packages, whatever else stands first in the path.
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
        root.appending(path: "ops/graphql-check").path,
        root.appending(path: "Tests/SystemsTests/Fixtures/monday/schema.graphql").path,
    ]
    process.standardInput = try FileHandle(forReadingFrom: input)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
}

/// The same numbers in every run, so that a failure can be looked at again.
struct MondayRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
