import Core
import Transport

/// What one notification says. Its names are older than the API's: items are pulses, ids are numbers.
@OnLoop struct MondayHookPayload {
    let identity: String
    let user: Int
    /// Of when it was first sent.
    var signature: String?
    private let event: JSON.Object

    init(change: MondayChange, subscription: Int, account: MondayAccount) {
        identity = account.digits(32)
        user = change.user
        var event = JSON.Object(
            ("app", "monday"),
            ("type", .string(change.type)),
            ("triggerTime", .string(account.clock.now.text(fractionDigits: 3))),
            ("subscriptionId", .number(subscription)),
            ("isRetry", false),
            ("userId", .number(change.user)),
            ("originalTriggerUuid", .null),
            ("boardId", .number(change.board.id))
        )
        Self.add(change, to: &event, account)
        if let item = change.item, let parent = item.parent {
            switch change.what {
            case .archived, .deleted:
                event["parentBoardId"] = .number(parent.board.id)
                event["parentItemId"] = .number(parent.id)
            default:
                event["parentItemId"] = .string("\(parent.id)")
                event["parentItemBoardId"] = .string("\(parent.board.id)")
            }
        }
        self.event = event
    }

    func body(identity: String, isRetry: Bool) -> JSON {
        var event = event
        event["isRetry"] = .bool(isRetry)
        event["triggerUuid"] = .string(identity)
        return .object(JSON.Object(("event", .object(event))))
    }

    private static func add(_ change: MondayChange, to event: inout JSON.Object, _ account: MondayAccount) {
        let item = change.item
        func pulse() {
            event["pulseId"] = item.map { .number($0.id) }
            event["pulseName"] = item.map { .string($0.name) }
        }
        func group() {
            guard let item else { return }
            event["groupId"] = .string(item.groupID)
            event["isTopGroup"] = .bool(item.board.topGroup?.id == item.groupID)
        }
        func itemName() {
            event["itemId"] = item.map { .number($0.id) }
            event["itemName"] = item.map { .string($0.name) }
        }
        switch change.what {
        case .created:
            pulse()
            group()
            let known = item.flatMap { try? $0.board.group($0.groupID) }
            event["groupName"] = .string(known?.title ?? "")
            event["groupColor"] = .string(known?.color ?? "")
            event["columnValues"] = [:]
        case .changed(let column, let before, let after):
            pulse()
            group()
            event["columnId"] = .string(column.id)
            event["columnType"] = .string(column.hookType)
            event["columnTitle"] = .string(column.title)
            event["value"] = after?.hookValue(of: column) ?? .null
            event["previousValue"] = before?.hookValue(of: column) ?? .null
            event["changedAt"] = seconds(change.time)
        case .renamed(let before):
            pulse()
            group()
            event["pulseName"] = nil
            event["value"] = ["name": item.map { .string($0.name) } ?? .null]
            event["previousValue"] = ["name": .string(before)]
        case .moved(let from):
            event["pulseId"] = item.map { .number($0.id) }
            event["sourceGroupId"] = .string(from)
            let to = item.flatMap { try? $0.board.group($0.groupID) }
            event["destGroupId"] = .string(to?.id ?? "")
            event["destGroup"] = [
                "id": .string(to?.id ?? ""), "title": .string(to?.title ?? ""), "color": .string(to?.color ?? ""),
                "is_top_group": .bool(to?.id == change.board.topGroup?.id),
            ]
        case .archived: itemName()
        case .deleted:
            itemName()
            if item?.parent != nil { event["pulseId"] = item.map { .number($0.id) } }
        case .restored:
            itemName()
            event["value"] = ["state": 1, "is_undo": true]
            event["previousValue"] = ["state": 2]
        case .commented(let update), .edited(let update), .uncommented(let update):
            event["pulseId"] = item.map { .number($0.id) }
            event["body"] = .string(update.body)
            event["textBody"] = .string(update.text)
            event["updateId"] = .number(update.id)
            event["replyId"] = .null
        case .columnCreated(let column):
            event["accountId"] = .number(account.id)
            event["entity"] = "board"
            event["columnId"] = .string(column.id)
            event["columnTitle"] = .string(column.title)
            event["columnType"] = .string(column.hookType)
            event["createdAt"] = seconds(change.time)
            event["retryCount"] = 0
        }
    }

    private static func seconds(_ time: WallTime) -> JSON {
        let micros = "\(1_000_000 + time.ticks / 10 % 1_000_000)".dropFirst()
        return .number(Decimal("\(time.secondsSince1970).\(micros)") ?? .zero)
    }
}
