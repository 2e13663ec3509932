import Core
import Transport

/// `$metadata`: what there is in an API, in the form that OData gives it.
extension BusinessCentralSimulator {
    func metadata(of route: String) -> Reply {
        let types = EntityType.all.filter { $0.route == route }
        var text = """
            <?xml version="1.0" encoding="utf-8"?>\
            <edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>\
            <Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
            """
        for type in types { text += entityType(type, within: types) + enumerations(of: type) + actions(of: type) }
        text += "<EntityContainer Name=\"NAV\">"
        for type in types {
            text += "<EntitySet Name=\"\(type.set)\" EntityType=\"Microsoft.NAV.\(type.entityName)\"/>"
        }
        text += "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
        return Reply(.ok, [HTTPHeader("Content-Type", "application/xml")], body: Array(text.utf8))
    }

    private func entityType(_ type: EntityType, within types: [EntityType]) -> String {
        var text = "<EntityType Name=\"\(type.entityName)\"><Key><PropertyRef Name=\"id\"/></Key>"
        for (place, field) in type.fields.enumerated() {
            var kind = type.typeName(at: place)
            var length = ""
            if case .string(let most) = field.kind, most != 2_048 { length = " MaxLength=\"\(most)\"" }
            if case .choice = field.kind { kind = enumerationName(type, field) }
            text += "<Property Name=\"\(field.name)\" Type=\"\(kind)\"\(length)/>"
        }
        for navigation in type.navigation {
            guard let to = types.first(where: { $0.set == navigation.target }) else { continue }
            let target = "Microsoft.NAV.\(to.entityName)"
            let kind = navigation.isToMany ? "Collection(\(target))" : target
            text += "<NavigationProperty Name=\"\(navigation.name)\" Type=\"\(kind)\"/>"
        }
        return text + "</EntityType>"
    }

    private func enumerationName(_ type: EntityType, _ field: EntityType.Field) -> String {
        "Microsoft.NAV.\(type.entityName)_\(field.name)"
    }

    private func enumerations(of type: EntityType) -> String {
        var text = ""
        for field in type.fields {
            guard case .choice(let members) = field.kind else { continue }
            text += "<EnumType Name=\"\(type.entityName)_\(field.name)\">"
            for (value, member) in members.enumerated() { text += "<Member Name=\"\(member)\" Value=\"\(value)\"/>" }
            text += "</EnumType>"
        }
        return text
    }

    private func actions(of type: EntityType) -> String {
        type.actions.map { action in
            "<Action Name=\"\(action)\" IsBound=\"true\">"
                + "<Parameter Name=\"bindingParameter\" Type=\"Microsoft.NAV.\(type.entityName)\"/></Action>"
        }.joined()
    }
}

/// `entityDefinitions`: what entities and their fields are called for people. How actions and members of enumerations are
/// listed there is published nowhere, so none are.
extension BusinessCentralSimulator {
    private static let english = 1_033

    func definitions(of route: String, _ root: String) -> Reply {
        let entries = EntityType.all.filter { $0.route == route }.map { type -> JSON in
            let properties = type.fields.map { field -> JSON in
                ["name": .string(field.name), "captions": caption(field.name)]
            }
            return [
                "entityName": .string(type.entityName), "entitySetName": .string(type.set),
                "entityCaptions": caption(type.entityName), "entitySetCaptions": caption(type.set),
                "properties": .array(properties),
                "actions": [], "enumMembers": [],
            ]
        }
        return Reply(
            .ok,
            json: ["@odata.context": .string("\(root)/$metadata#entityDefinitions"), "value": .array(entries)]
        )
    }

    /// `vendorInvoiceNumber`: Vendor Invoice Number.
    private func caption(_ name: String) -> JSON {
        var text = ""
        for character in name {
            if character.isUppercase { text.append(" ") }
            text.append(text.isEmpty ? Character(character.uppercased()) : character)
        }
        return [["languageCode": .number(Self.english), "caption": .string(text)]]
    }
}
