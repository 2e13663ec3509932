import Core
import Engine
import Store
import Transport

/// Marks the lines of documents that have been looked at: those that a document has now, and those that it had, so that a
/// line that was taken out is put away. Documents without an item are left alone; their lines are marked when it is made.
@OnLoop final class LineMarker {
    private static let mostWaiting = 5_000
    private static let linkPage = 200

    private let documents: String
    private let lines: String
    private let source: any LineSource
    private let items: RelationItems
    private let context: FlowContext
    /// There are new marks.
    var onMarked: @OnLoop () -> Void = {}
    /// What is too much is found by the lines' own poll.
    private var waiting: [String: Lane] = [:]
    private let napper = Napper()
    private var trouble = Trouble()
    private var isDraining = false

    init(
        of documents: String,
        from source: any LineSource,
        items: RelationItems,
        in context: FlowContext
    ) {
        self.documents = documents
        lines = BoardFlowFile.Lines.name(of: documents)
        self.source = source
        self.items = items
        self.context = context
    }

    func looked(at keys: [String], _ lane: Lane) {
        for key in keys {
            guard waiting[key] != nil || waiting.count < Self.mostWaiting else { break }
            waiting[key] = min(waiting[key] ?? lane, lane)
        }
        napper.wake()
    }

    func drain() {
        isDraining = true
        napper.wake()
    }

    func run() async {
        while !isDraining {
            guard let (document, lane) = waiting.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
                await napper.sleep(for: nil)
                continue
            }
            waiting[document] = nil
            do {
                try await mark(document, lane)
                trouble.ended()
            } catch {
                waiting[document] = min(waiting[document] ?? lane, lane)
                var end = Instant.now + .seconds(1)
                // Who only made way for something better is in no trouble.
                if !(error is CancellationError) {
                    let before = trouble.words
                    end = Instant.now + trouble.met(error)
                    if trouble.words != before { context.log.warning("\(lines): \(error)") }
                }
                while !isDraining, Instant.now < end { await napper.sleep(for: end - .now) }
            }
        }
    }

    func mark(_ document: String, _ lane: Lane) async throws {
        var keys = Set(try await Self.linked(document, on: lines, in: context))
        if try await items.items(of: [document], on: documents)[document] != nil {
            keys.formUnion(try await source.keys(ofDocument: document, lane: lane))
        }
        guard !keys.isEmpty else { return }
        let now = Int64(WallTime.now.millisecondsSince1970)
        let marks = keys.sorted().map { key in
            Mark(route: lines, key: key, lane: lane, cause: "\(documents) \(document)", heardMilliseconds: now)
        }
        try await context.store.mark(marks, advancing: nil, for: context.connection)
        onMarked()
    }

    /// The document's lines that have subitems. Links come in the order of their keys, which begin with the document's.
    static func linked(_ document: String, on lines: String, in context: FlowContext) async throws -> [String] {
        let prefix = "\(document):"
        var keys: [String] = []
        var last = prefix
        while true {
            let page = try await context.store.liveLinks(
                of: lines,
                after: last,
                limit: linkPage,
                for: context.connection
            )
            let own = page.prefix { $0.key.hasPrefix(prefix) }
            keys += own.map(\.key).filter { LineKey.document(of: $0) == document }
            guard own.count == linkPage, let key = own.last?.key else { return keys }
            last = key
        }
    }
}
