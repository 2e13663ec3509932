import Core
import Systems

extension Monday.Client.Settings {
    /// Reads the `monday` part of a connection's file. The token in it is a reference, which others follow.
    init(_ field: JSONField) throws {
        try field.allowOnly([
            "token", "signingSecret", "apiURL", "account", "checkAudience", "webhooks", "catchUp", "activityLogs",
            "uploads",
        ])
        self.init()
        if let url = field["apiURL"].orNil { apiURL = try Self.address(url, such: Monday.apiURL) }
        if let places = field["uploads"].orNil {
            uploads = try places.elements().map { try Self.address($0, such: "https://*.amazonaws.com") }
            guard uploads.count <= 10 else { throw places.wrong("expected ten addresses at most") }
        }
    }

    private static func address(_ field: JSONField, such example: String) throws -> String {
        let text = try field.string()
        guard text.utf8.count <= 500, text.hasPrefix("https://") || text.hasPrefix("http://"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw field.wrong("expected an address such as \(example)") }
        return text
    }
}
