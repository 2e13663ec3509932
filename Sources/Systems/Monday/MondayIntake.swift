import Core

extension Monday {
    /// What Monday sends to a webhook's address. It only says where to look: the item is read before anything is done.
    package enum Delivery: Sendable, Equatable {
        /// Sent while a subscription is being made, to see whether somebody listens. To be answered by the same text.
        case challenge(String)
        case event(Event)

        /// Refuses what is not JSON or neither of the two; nothing in it is taken on trust.
        package init(_ body: Span<UInt8>) throws {
            let document = JSONField(try JSON.parse(body, maxDepth: 32))
            if let challenge = document["challenge"].orNil {
                let text = try challenge.string()
                guard 1...Self.longestChallenge ~= text.utf8.count else { throw challenge.wrong("too long or empty") }
                self = .challenge(text)
            } else {
                self = .event(try Event(document["event"]))
            }
        }

        private static let longestChallenge = 1_024
    }

    /// The body that a challenge is answered with, as `application/json` with status 200.
    package static func answer(toChallenge text: String) -> [UInt8] {
        let answer: JSON = ["challenge": .string(text)]
        return answer.bytes()
    }

    /// Something that happened on a board.
    package struct Event: Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            case itemCreated, columnChanged, renamed, moved, archived, deleted, restored
            case updateCreated, updateEdited, updateDeleted
            /// Of the board itself: what we know of its columns is out of date.
            case columnCreated
            case other(String)

            /// The vendor's older words for things, which its webhooks still use.
            init(_ type: String) {
                self =
                    switch type {
                    case "create_pulse": .itemCreated
                    case "update_column_value": .columnChanged
                    case "update_name": .renamed
                    case "move_pulse_into_group", "move_subitem": .moved
                    case "archive_pulse": .archived
                    case "delete_pulse": .deleted
                    case "restore_pulse": .restored
                    case "create_update": .updateCreated
                    case "edit_update": .updateEdited
                    case "delete_update": .updateDeleted
                    case "create_column": .columnCreated
                    default: .other(Monday.identifier(type))
                    }
            }
        }

        package var kind: Kind
        /// Of a subitem: the subitems' board, not its parent's.
        package var board: String
        package var item: String?
        package var column: String?
        /// What a cell holds now, or what the item is called, in the vendor's own form for webhooks, which differs from
        /// those of answers and is described nowhere. Never more than a hint.
        package var value: JSON?
        /// Where a moved item stands now.
        package var group: String?
        package var parent: String?
        package var update: String?
        package var user: String?
        package var time: WallTime?
        package var subscription: String
        package var trigger: String
        package var isRetry: Bool

        /// The same for the same event of the same subscription, however often it comes.
        package var identity: String { "\(subscription):\(trigger)" }

        init(_ field: JSONField) throws(JSONField.Wrong) {
            kind = Kind(try field["type"].string())
            board = try field["boardId"].number()
            item = try (field["pulseId"].orNil ?? field["itemId"].orNil)?.number()
            column = try field["columnId"].orNil?.id()
            value = field["value"].value
            group = try (field["destGroupId"].orNil ?? field["groupId"].orNil)?.id()
            parent = try field["parentItemId"].orNil?.number()
            update = try field["updateId"].orNil?.number()
            user = try field["userId"].orNil?.number()
            time = (try? field["triggerTime"].string()).flatMap { WallTime($0) }
            subscription = try field["subscriptionId"].number()
            trigger = Monday.identifier(try field["triggerUuid"].string())
            guard !trigger.isEmpty else { throw field["triggerUuid"].wrong("expected an id") }
            isRetry = (try? field["isRetry"].bool()) ?? false
            let isOfBoard = kind == .columnCreated
            guard item != nil || isOfBoard || kind.isUnknown else {
                throw field["pulseId"].wrong("missing; expected an id")
            }
        }
    }
}

extension Monday.Event.Kind {
    fileprivate var isUnknown: Bool {
        if case .other = self { true } else { false }
    }
}

extension JSONField {
    /// An id of digits, which comes as a number in some events and as a string in others. Negative ones are the system's.
    fileprivate func number() throws(Wrong) -> String {
        let text = try id()
        guard text.utf8.count <= 20, Int(text) != nil else { throw wrong("expected an id of digits") }
        return text
    }
}
