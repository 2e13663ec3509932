import Glibc

extension HTTPServer {
    package typealias Handler = @OnLoop (HTTPExchange) -> Void

    /// What a look at the path's segment decides before any of the body is read.
    package enum Admission {
        /// With a body of so many bytes at most. `guest` is what the handler finds in the exchange.
        case admitted(bodyLimit: Int, guest: AnyObject?)
        case refused(Answer)
    }

    /// Is given the segment as it was sent.
    package typealias Admit = @OnLoop (UnsafeRawBufferPointer) -> Admission

    /// Which handler a request goes to, decided from its head alone. The first route that fits wins.
    package struct Router {
        private var places: [Place] = []

        package init() {}

        /// `path` is exact, or has one `{segment}` that stands for any text without a slash: `/hooks/{token}`. A second
        /// one may end it: `/hooks/{token}/{name}`; the handler finds that one in the exchange's path. `{rest...}` at the
        /// end stands for any text at all, none included.
        /// `HEAD` comes with `GET`. A request whose body is larger than `bodyLimit` never gets to `handler`.
        package mutating func add(
            _ methods: HTTPMethods,
            _ path: String,
            bodyLimit: Int = 0,
            handler: @escaping Handler
        ) {
            add(methods, path, admit: { _ in .admitted(bodyLimit: bodyLimit, guest: nil) }, handler: handler)
        }

        /// The same where the segment decides: strangers are turned away before they can send us anything.
        package mutating func add(
            _ methods: HTTPMethods,
            _ path: String,
            admit: @escaping Admit,
            handler: @escaping Handler
        ) {
            let methods = methods.contains(.get) ? methods.union(.head) : methods
            let route = Route(methods: methods, admit: admit, handler: handler)
            if let index = places.firstIndex(where: { $0.path == path }) {
                places[index].add(route)
            } else {
                places.append(Place(path, route))
            }
        }

        enum Match {
            case found(Route, segment: Range<Int>)
            case notAllowed(Answer)
            case notFound
        }

        func match(_ method: HTTPMethod, _ path: UnsafeRawBufferPointer) -> Match {
            for place in places {
                guard let segment = place.segment(of: path) else { continue }
                if let route = place.route(for: method) { return .found(route, segment: segment) }
                return .notAllowed(place.notAllowed)
            }
            return .notFound
        }
    }

    /// What may be done at one place, and by whom it is done.
    final class Route {
        let methods: HTTPMethods
        let admit: Admit
        let handler: Handler

        init(methods: HTTPMethods, admit: @escaping Admit, handler: @escaping Handler) {
            self.methods = methods
            self.admit = admit
            self.handler = handler
        }
    }
}

private struct Place {
    let path: String
    private let prefix: [UInt8]
    private let suffix: [UInt8]
    private let hasSegment: Bool
    /// The path ends in a second segment.
    private let hasMore: Bool
    private let takesRest: Bool
    private var routes: [HTTPServer.Route]
    private(set) var notAllowed: HTTPServer.Answer

    init(_ path: String, _ route: HTTPServer.Route) {
        self.path = path
        let bytes = Array(path.utf8)
        let open = bytes.firstIndex(of: UInt8(ascii: "{"))
        let close = bytes.firstIndex(of: UInt8(ascii: "}"))
        precondition(bytes.first == UInt8(ascii: "/"), "the path \(path) does not begin with a slash")
        if let open, let close, open < close {
            prefix = Array(bytes[..<open])
            let rest = bytes[(close + 1)...]
            hasMore = rest.starts(with: Array("/{".utf8)) && rest.last == UInt8(ascii: "}")
            suffix = hasMore ? [] : Array(rest)
            hasSegment = true
            precondition(!suffix.contains(UInt8(ascii: "{")), "the path \(path) has more segments than a path can have")
            takesRest = bytes[open..<close].suffix(3).elementsEqual("...".utf8)
            precondition(!takesRest || rest.isEmpty, "the path \(path) goes on behind its rest")
        } else {
            prefix = bytes
            suffix = []
            hasSegment = false
            hasMore = false
            takesRest = false
        }
        routes = [route]
        notAllowed = HTTPServer.Answer(.methodNotAllowed, [HTTPHeader("Allow", route.methods.allowText)])
    }

    mutating func add(_ route: HTTPServer.Route) {
        routes.append(route)
        let methods = routes.reduce(into: HTTPMethods()) { $0.formUnion($1.methods) }
        notAllowed = HTTPServer.Answer(.methodNotAllowed, [HTTPHeader("Allow", methods.allowText)])
    }

    func route(for method: HTTPMethod) -> HTTPServer.Route? {
        routes.first { $0.methods.contains(HTTPMethods(method)) }
    }

    /// Where in `candidate` the segment stands, empty for an exact path. Nil when the path is another one.
    func segment(of candidate: UnsafeRawBufferPointer) -> Range<Int>? {
        guard candidate.count >= prefix.count + suffix.count, starts(candidate, with: prefix) else { return nil }
        if hasMore { return firstOfTwo(in: candidate) }
        let segment = prefix.count..<(candidate.count - suffix.count)
        guard hasSegment else { return segment.isEmpty ? segment : nil }
        if takesRest { return segment }
        guard !segment.isEmpty, !candidate[segment].contains(UInt8(ascii: "/")) else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: candidate[segment.upperBound...])
        return starts(rest, with: suffix) ? segment : nil
    }

    private func firstOfTwo(in candidate: UnsafeRawBufferPointer) -> Range<Int>? {
        let slash = UInt8(ascii: "/")
        guard let end = candidate[prefix.count...].firstIndex(of: slash), end > prefix.count else { return nil }
        let more = candidate[(end + 1)...]
        return more.isEmpty || more.contains(slash) ? nil : prefix.count..<end
    }

    private func starts(_ bytes: UnsafeRawBufferPointer, with start: [UInt8]) -> Bool {
        guard !start.isEmpty, let base = bytes.baseAddress else { return start.isEmpty }
        return memcmp(base, start, start.count) == 0
    }
}
