import Core
import Systems

extension Monday.Client.Settings {
    /// Reads the `monday` part of a connection's file. The token in it is a reference, which others follow.
    init(_ field: JSONField) throws {
        try field.allowOnly(["token", "signingSecret", "apiURL"])
        self.init()
        guard let url = field["apiURL"].orNil else { return }
        let text = try url.string()
        guard text.utf8.count <= 500, text.hasPrefix("https://") || text.hasPrefix("http://"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw url.wrong("expected an address such as \(Monday.apiURL)") }
        apiURL = text
    }
}
