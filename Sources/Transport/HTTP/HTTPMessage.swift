import Glibc

/// The methods we know. Whatever else a client sends is answered 501.
package enum HTTPMethod: UInt8, Sendable, CaseIterable {
    case get
    case head
    case post
    case put
    case patch
    case delete
    case options

    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        }
    }

    init?(_ text: UnsafePointer<CChar>) {
        // Webhooks first: nearly every request is one.
        if strcmp(text, "POST") == 0 {
            self = .post
            return
        }
        for method in HTTPMethod.allCases where strcmp(text, method.name.cText) == 0 {
            self = method
            return
        }
        return nil
    }
}

package struct HTTPMethods: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package init(_ method: HTTPMethod) {
        self.init(rawValue: 1 << method.rawValue)
    }

    package static let get = HTTPMethods(.get)
    package static let head = HTTPMethods(.head)
    package static let post = HTTPMethods(.post)
    package static let put = HTTPMethods(.put)
    package static let patch = HTTPMethods(.patch)
    package static let delete = HTTPMethods(.delete)
    package static let options = HTTPMethods(.options)

    /// As the `Allow` header lists them.
    var allowText: String {
        HTTPMethod.allCases.filter { contains(HTTPMethods($0)) }.map { "\($0.name)" }.joined(separator: ", ")
    }
}

package struct HTTPStatus: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let ok = HTTPStatus(rawValue: 200)
    package static let created = HTTPStatus(rawValue: 201)
    package static let accepted = HTTPStatus(rawValue: 202)
    package static let noContent = HTTPStatus(rawValue: 204)
    package static let seeOther = HTTPStatus(rawValue: 303)
    package static let notModified = HTTPStatus(rawValue: 304)
    package static let badRequest = HTTPStatus(rawValue: 400)
    package static let unauthorized = HTTPStatus(rawValue: 401)
    package static let forbidden = HTTPStatus(rawValue: 403)
    package static let notFound = HTTPStatus(rawValue: 404)
    package static let methodNotAllowed = HTTPStatus(rawValue: 405)
    package static let requestTimeout = HTTPStatus(rawValue: 408)
    package static let conflict = HTTPStatus(rawValue: 409)
    package static let contentTooLarge = HTTPStatus(rawValue: 413)
    package static let unprocessable = HTTPStatus(rawValue: 422)
    package static let tooManyRequests = HTTPStatus(rawValue: 429)
    package static let headTooLarge = HTTPStatus(rawValue: 431)
    package static let internalError = HTTPStatus(rawValue: 500)
    package static let notImplemented = HTTPStatus(rawValue: 501)
    package static let unavailable = HTTPStatus(rawValue: 503)
}

/// One line of a message's head.
package struct HTTPHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension StaticString {
    var cText: UnsafePointer<CChar> {
        UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
