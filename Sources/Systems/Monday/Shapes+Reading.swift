import Core

/// How an answer's objects become ours. What is required throws where it is missing; what is not becomes nil.
extension Monday.Board {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        name = try field["name"].string()
        state = try field["state"].string()
        hierarchy = try? field["hierarchy_type"].string()
        permissions = try? field["permissions"].string()
        itemCount = try? field["items_count"].int()
        mostItems = try? field["items_limit"].int()
        // A list that could not be read is not a list of nothing.
        groups = try field["groups"].each(Monday.Group.init)
        columns = try field["columns"].each(Monday.Column.init)
    }
}

extension Monday.Group {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        title = try field["title"].string()
        isArchived = (try? field["archived"].bool()) == true || (try? field["deleted"].bool()) == true
    }
}

extension Monday.Column {
    package init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        title = try field["title"].string()
        typeName = try field["type"].string()
        isArchived = (try? field["archived"].bool()) ?? false
        revision = (try? field["revision"].string()) ?? ""
        description = try? field["description"].string()
        let settings = field["settings"].unpacked
        labels = Monday.Label.all(in: settings)
        if (try? settings["limit_select"].bool()) == true {
            mostLabels = try? settings["label_limit_count"].int(in: 1...10_000)
        }
        boards = ((try? settings["boardIds"].elements()) ?? []).compactMap { try? $0.id() }
        takesSeveralItems = (try? settings["allowMultipleItems"].bool()) ?? true
    }
}

extension Monday.Item {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        name = try field["name"].string()
        state = (try? field["state"].string()) ?? "active"
        created = (try? field["created_at"].string()).flatMap { WallTime($0) }
        updated = (try? field["updated_at"].string()).flatMap { WallTime($0) }
        url = try? field["url"].string()
        board = try? field["board"]["id"].id()
        group = try? field["group"]["id"].id()
        cells = try field["column_values"].each(Monday.Cell.init)
    }
}

extension Monday.FoundItem {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        name = try field["name"].string()
        state = (try? field["state"].string()) ?? "active"
        updated = (try? field["updated_at"].string()).flatMap { WallTime($0) }
    }
}

extension Monday.User {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        name = try field["name"].string()
        email = try field["email"].string()
    }
}

extension Monday.Account {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        name = try field["name"].string()
        slug = try field["slug"].string()
        tier = (try? field["tier"].string()) ?? (try? field["plan"]["tier"].string())
    }
}

extension Monday.Version {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        kind = try field["kind"].string()
        value = try field["value"].string()
    }
}

extension Monday.Webhook {
    init(_ field: JSONField) throws(JSONField.Wrong) {
        id = try field["id"].id()
        board = try field["board_id"].id()
        event = try field["event"].string()
        config = try? field["config"].string()
    }
}

extension JSONField {
    /// An id as text. Monday sends most as strings and some as numbers; they outgrow 32 bits either way.
    func id() throws(Wrong) -> String {
        if case .number(let number) = value, let whole = number.int { return "\(whole)" }
        let text = try string()
        guard !text.isEmpty, text.utf8.count <= 200 else { throw wrong("expected an id") }
        return text
    }

    func each<Element>(_ make: (JSONField) throws(Wrong) -> Element) throws(Wrong) -> [Element] {
        var elements: [Element] = []
        for field in try self.elements() { elements.append(try make(field)) }
        return elements
    }

    /// What is inside where a document came as a string, as the vendor's scalar for JSON may.
    var unpacked: JSONField {
        guard case .string(let text) = value, let inner = try? JSON.parse(text) else { return self }
        return JSONField(inner)
    }
}
