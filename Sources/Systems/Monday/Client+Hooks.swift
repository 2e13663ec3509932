import Core

extension Monday.Client {
    /// Writes into an item's updates, or answers one of them. The text is shown as it is, line by line.
    package func createUpdate(
        _ text: String,
        item: String,
        board: String,
        parent: String? = nil,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> String {
        let variables: JSON = [
            "itemId": .string(item), "parentId": parent.map { .string($0) } ?? .null,
            "body": .string(Monday.html(Monday.cut(text, to: 10_000))),
        ]
        return try await change(
            Monday.Documents.createUpdate,
            variables,
            lane: lane,
            key: key,
            boards: [board],
            Self.newID
        )
    }

    /// The board's subscriptions; Monday does not tell where they lead. With a token of an app only the app's own can be
    /// asked for.
    package func webhooks(
        on board: String,
        ofAppOnly: Bool = false,
        lane: Lane = .background
    ) async throws -> [Monday.Webhook] {
        let variables: JSON = ["boardId": .string(board), "appOnly": .bool(ofAppOnly)]
        let answer = try await ask(Monday.Documents.webhooks, variables, lane: lane)
        do {
            return try answer.data["webhooks"].each(Monday.Webhook.init)
        } catch {
            throw answer.incomplete(error)
        }
    }

    /// Subscribes to one event of one board. Before it answers, Monday sends a challenge to `url`, which whoever listens
    /// there has to answer without waiting for this call.
    package func createWebhook(
        on board: String,
        url: String,
        event: Monday.WebhookEvent,
        key: String? = nil,
        lane: Lane = .live
    ) async throws -> Monday.Webhook {
        guard url.utf8.count <= Monday.Limits.longestWebhookURL else {
            throw CallError(
                .stopConnection,
                Monday.name,
                .configuration,
                "the address for webhooks has \(url.utf8.count) characters; Monday takes "
                    + "\(Monday.Limits.longestWebhookURL): use a shorter --public-url"
            )
        }
        var variables = JSON.Object()
        variables["boardId"] = .string(board)
        variables["url"] = .string(url)
        variables["event"] = .string(event.name)
        variables["config"] = event.config.map { .string($0.text()) } ?? .null
        do {
            return try await change(
                Monday.Documents.createWebhook,
                .object(variables),
                lane: lane,
                key: key
            ) { field throws(JSONField.Wrong) in try Monday.Webhook(field) }
        } catch let error as CallError where error.kind == .outage {
            // The bare “Internal Server Error” that Monday gives when its challenge comes to nothing.
            var explained = error
            // Not the whole address: its path is what keeps it secret.
            let site = url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
            explained.reason =
                "Monday could not register the webhook. Most often that means it could not reach this server at "
                + "\(site), or something before it answered instead: look whether \(site)/hooks/ can be reached from "
                + "the internet, with a certificate that everybody knows and without a sign-in (\(error.reason))"
            throw explained
        }
    }

    /// False when there was none any more.
    @discardableResult
    package func deleteWebhook(_ id: String, key: String? = nil, lane: Lane = .background) async throws -> Bool {
        let answer = try await send(Monday.Documents.deleteWebhook, ["id": .string(id)], lane: lane, key: key)
        guard let worst = answer.worst else { return true }
        guard worst.kind == .gone || worst.kind == .unknownID else { throw worst.callError(answer.circumstances) }
        return false
    }
}

extension Monday {
    /// What a board can tell of, with what the vendor wants to know about it.
    package enum WebhookEvent: Sendable, Hashable {
        case itemCreated
        case anyColumnChanged
        /// Not for columns of subitems.
        case columnChanged(String)
        case renamed
        case movedToAnyGroup
        case archived
        case deleted
        case restored
        case updateCreated
        case columnCreated

        package var name: String {
            switch self {
            case .itemCreated: "create_item"
            case .anyColumnChanged: "change_column_value"
            case .columnChanged: "change_specific_column_value"
            case .renamed: "change_name"
            case .movedToAnyGroup: "item_moved_to_any_group"
            case .archived: "item_archived"
            case .deleted: "item_deleted"
            case .restored: "item_restored"
            case .updateCreated: "create_update"
            case .columnCreated: "create_column"
            }
        }

        /// The one column that it is about.
        package var column: String? {
            switch self {
            case .columnChanged(let column): column
            case .itemCreated, .anyColumnChanged, .renamed, .movedToAnyGroup, .archived, .deleted, .restored,
                .updateCreated, .columnCreated:
                nil
            }
        }

        package var config: JSON? {
            column.map { ["columnId": .string($0)] }
        }
    }

    /// Updates are HTML.
    static func html(_ text: String) -> String {
        var html = ""
        for character in text {
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\n", "\r\n", "\r": html += "<br>"
            default: html.append(character)
            }
        }
        return html
    }
}
