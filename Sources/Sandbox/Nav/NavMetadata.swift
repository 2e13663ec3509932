import Transport

/// `$metadata`: what is published, and nothing else.
extension NavSimulator {
    var metadata: String {
        var text = """
            <?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" \
            xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="NAV" \
            xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="Company"><Key><PropertyRef Name="Name"/></Key>\
            <Property Name="Name" Type="Edm.String" Nullable="false" MaxLength="30"/>\
            <Property Name="Evaluation_Company" Type="Edm.Boolean"/>\
            <Property Name="Display_Name" Type="Edm.String" MaxLength="250"/>
            """
        let published = publications.filter(\.isPublished)
        for publication in published {
            text += """
                <NavigationProperty Name="\(publication.service)" Type="Collection(NAV.\(publication.service))" \
                ContainsTarget="true"/>
                """
        }
        text += "</EntityType>"
        for publication in published {
            text += Self.entityType(publication.page, publication.service, part: publication.partName)
            if let part = publication.page.part, let name = publication.partName {
                text += Self.entityType(part.page, name, part: nil)
            }
            for function in functions where function.service == publication.service {
                text += """
                    <Action Name="\(function.name)" IsBound="true"><Parameter Name="bindingParameter" \
                    Type="NAV.\(publication.service)"/></Action>
                    """
            }
        }
        text += #"<EntityContainer Name="NAV"><EntitySet Name="Company" EntityType="NAV.Company"/>"#
        for publication in published {
            text += #"<EntitySet Name="\#(publication.service)" EntityType="NAV.\#(publication.service)"/>"#
        }
        return text + "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    }

    private static func entityType(_ page: Page, _ service: String, part: String?) -> String {
        var text = #"<EntityType Name="\#(service)"><Key>"#
        for name in page.key { text += #"<PropertyRef Name="\#(name)"/>"# }
        text += "</Key>"
        for field in page.fields {
            text += #"<Property Name="\#(XML.escaped(field.name))" Type="\#(field.kind.edmName)""#
            if page.key.contains(field.source) { text += #" Nullable="false""# }
            if let most = field.kind.most { text += #" MaxLength="\#(most)""# }
            text += field.kind == .decimal ? #" Scale="Variable"/>"# : "/>"
        }
        if let part {
            text += #"<NavigationProperty Name="\#(part)" Type="Collection(NAV.\#(part))" ContainsTarget="true"/>"#
        }
        return text + "</EntityType>"
    }
}

extension NavSimulator.Field.Kind {
    fileprivate var edmName: String {
        switch self {
        case .code, .text, .option: "Edm.String"
        case .integer: "Edm.Int32"
        case .decimal: "Edm.Decimal"
        case .flag: "Edm.Boolean"
        case .day: "Edm.Date"
        case .time: "Edm.DateTimeOffset"
        }
    }

    fileprivate var most: Int? {
        switch self {
        case .code(let most), .text(let most): most
        case .option, .integer, .decimal, .flag, .day, .time: nil
        }
    }
}
