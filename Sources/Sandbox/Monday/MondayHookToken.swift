import Core

/// What an app's webhooks carry as proof of where they come from: a JSON Web Token, signed with the app's signing secret.
struct MondayHookToken {
    var account: Int
    var user: Int
    /// The endpoint's address.
    var audience: String
    var issued: WallTime
    var lifeSeconds: Int
    /// A short API token for whoever receives it, which nobody should keep.
    var shortLivedToken: String

    func signed(with secret: String) -> String {
        let head: JSON = ["alg": "HS256", "typ": "JWT"]
        let seconds = issued.secondsSince1970
        let claims: JSON = [
            "accountId": .number(account), "userId": .number(user), "aud": .string(audience),
            "exp": .number(seconds + lifeSeconds), "iat": .number(seconds),
            "shortLivedToken": .string(shortLivedToken),
        ]
        let text = Base64.text(of: head.bytes(), .url) + "." + Base64.text(of: claims.bytes(), .url)
        return text + "." + Base64.text(of: SHA256.hmac(Array(text.utf8), key: Array(secret.utf8)), .url)
    }
}
