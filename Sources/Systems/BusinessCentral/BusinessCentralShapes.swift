import Core

extension BusinessCentral {
    package struct Company: Sendable, Equatable {
        package var id: String
        package var name: String
        package var displayName: String
        /// The version of the server, which decides what fields there are.
        package var systemVersion: String?

        init(_ field: JSONField) throws {
            id = try field["id"].string().lowercased()
            name = try field["name"].string()
            displayName = try field["displayName"].orNil?.string() ?? ""
            systemVersion = try field["systemVersion"].orNil?.string()
            guard isGUID(id) else { throw field["id"].wrong("expected a GUID") }
        }
    }

    package struct Subscription: Sendable, Equatable {
        package var subscriptionID: String
        package var notificationURL: String
        package var resource: String
        package var clientState: Secret?
        package var expires: WallTime
        /// Has to be shown to change it.
        package var etag: String?

        init(_ field: JSONField) throws {
            subscriptionID = try field["subscriptionId"].string()
            notificationURL = try field["notificationUrl"].string()
            resource = try field["resource"].string()
            clientState = try field["clientState"].orNil.map { field throws in Secret(text: try field.string()) }
            let expiration = field["expirationDateTime"]
            guard let expires = WallTime(try expiration.string()) else { throw expiration.wrong("expected a time") }
            self.expires = expires
            etag = try field["@odata.etag"].orNil?.string()
            guard !subscriptionID.isEmpty else { throw field["subscriptionId"].wrong("expected an id") }
        }
    }

    /// What the login service gives.
    struct Token {
        var accessToken: Secret
        var expiresIn: Duration

        init(_ field: JSONField) throws {
            let token = try field["access_token"].string()
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw field["access_token"].wrong("expected a token")
            }
            accessToken = Secret(text: token)
            expiresIn = .seconds(try field["expires_in"].int(in: 0...604_800))
        }
    }
}
