import Core
import Flows
import Testing

@testable import Host

@Suite struct `a connection's file while it is asked for` {
    @Test func `takes members anywhere, and gives them back`() throws {
        var draft = InterviewDraft()
        draft[["tenant"]] = "acme"
        draft[["nav", "url"]] = "https://here"
        draft[["routes", "vendors", "board"]] = "new"
        draft[["routes", "items", "board"]] = ["new": "Ours"]
        draft[["routes", "customers", "board"]] = "17"
        #expect(draft.text(["nav", "url"]) == "https://here" && draft[["nav", "user"]] == nil)
        #expect(draft.newBoards == ["vendors", "items"])
        draft[["nav", "url"]] = nil
        #expect(draft.text(["nav", "url"]) == nil)
        #expect(try JSON.parse5(draft.fileText) == draft.document)
    }

    @Test func `never holds a secret that was typed`() {
        var draft = InterviewDraft()
        draft[["monday", "token"]] = ["prompt": true]
        draft.typed["monday.token"] = Secret(text: "hush")
        #expect(!draft.fileText.contains("hush") && draft.fileText.contains("prompt: true"))
    }
}

@Suite struct `a mapping that somebody looks at` {
    private func mapping() throws -> InterviewMapping {
        var mapping = InterviewMapping()
        mapping.take(.init(field: "number", column: "name", title: "Name", type: "name"))
        mapping.take(.init(field: "status", column: "s", title: "State", type: "status", missingLabels: ["Paid"]))
        return mapping
    }

    @Test func `is changed field by field`() throws {
        var mapping = try mapping()
        #expect(mapping.change("dueDate = date4") == nil)
        #expect(mapping.change("status=") == nil)
        #expect(mapping.rules == ["number": "name", "dueDate": "date4"])
        #expect(mapping.text.contains("status") && mapping.text.contains("nowhere"))
        #expect(mapping.change("vendorName=name") == nil)
        #expect(mapping.rules == ["dueDate": "date4", "vendorName": "name"])
    }

    @Test func `gives a status the labels that it lacks`() throws {
        #expect(try mapping().rules == ["number": "name", "status": ["column": "s", "makeLabels": true]])
    }

    @Test(arguments: ["", "dueDate", "=x", "number="])
    func `says what it expects`(answer: String) throws {
        var mapping = try mapping()
        #expect(mapping.change(answer)?.isEmpty == false)
        #expect(try mapping.rules == self.mapping().rules)
    }
}
