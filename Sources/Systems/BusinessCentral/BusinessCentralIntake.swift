import Core

extension BusinessCentral {
    /// One line of what the sender tells: that something changed, and nothing of what it is now.
    package struct Notification: Sendable, Equatable {
        package enum Subject: Sendable, Equatable {
            case record(id: String)
            /// Too many changes to name them: all that changed after an instant. nil where records were deleted among
            /// them, or nobody said since when: then all of them have to be compared.
            case collection(changedAfter: WallTime?)
        }

        package enum Change: Sendable, Equatable {
            case created
            case updated
            /// Perhaps only posted: read the record before believing it.
            case deleted
            case collection
            case other
        }

        package var subscriptionID: String
        /// What the sender was given to prove itself; nil where it brings nothing.
        package var clientState: Secret?
        package var company: String
        package var entitySet: String
        package var subject: Subject
        package var change: Change
        package var lastModified: WallTime?
        /// Of the subscription.
        package var expires: WallTime?

        /// Whether it comes from whom the secret was given to; in a time that tells nothing of the secret.
        package func isGenuine(expecting secret: Secret) -> Bool {
            guard let clientState, secret.count > 0 else { return false }
            return clientState == secret
        }
    }

    /// What a request of the sender holds: the notifications of all subscriptions with that address.
    package struct Intake: Sendable, Equatable {
        package struct Rejection: Sendable, Equatable {
            /// Its place in the request, from 0.
            package var index: Int
            /// Shows nothing of its values.
            package var reason: String
        }

        package private(set) var notifications: [Notification] = []
        /// The first of those that make no sense.
        package private(set) var rejections: [Rejection] = []
        package private(set) var rejected = 0

        private static let mostRejections = 20
        // A subscription tells a thousand at most before it calls them a collection, and one address may have several.
        private static let mostNotifications = 20_000

        /// Throws when the whole body makes no sense. A byte-order mark, which old servers send, is passed over.
        package init(_ body: Span<UInt8>) throws(CallError) {
            do {
                self = try Self.read(body)
            } catch {
                throw CallError(.skipRecord, BusinessCentral.name, .garbage, "a notification makes no sense: \(error)")
            }
        }

        private init() {}

        private static func read(_ body: Span<UInt8>) throws -> Intake {
            try JSONReader.read(body, maxDepth: 16) { reader in
                var intake: Intake?
                try reader.object { reader, name in
                    guard name == "value" else { return try reader.skip() }
                    var read = Intake()
                    var index = 0
                    try reader.array { reader in
                        read.take(try reader.value(), at: index)
                        index += 1
                    }
                    intake = read
                }
                guard let intake else { throw reader.error("a member named value") }
                return intake
            }
        }

        private mutating func take(_ entry: JSON, at index: Int) {
            do {
                let notification = try Notification(JSONField(entry))
                guard notifications.count < Self.mostNotifications else {
                    return reject(index, "more than \(Self.mostNotifications) in one request")
                }
                notifications.append(notification)
            } catch {
                reject(index, "\(error)")
            }
        }

        private mutating func reject(_ index: Int, _ reason: String) {
            rejected += 1
            if rejections.count < Self.mostRejections { rejections.append(Rejection(index: index, reason: reason)) }
        }
    }
}

extension BusinessCentral.Notification {
    init(_ field: JSONField) throws {
        subscriptionID = try Self.text(field["subscriptionId"], atMost: 150)
        clientState = try field["clientState"].orNil.map { field throws in
            Secret(text: try Self.text(field, atMost: 2_048))
        }
        change =
            switch try Self.text(field["changeType"], atMost: 100).lowercased() {
            case "created": .created
            case "updated": .updated
            case "deleted": .deleted
            case "collection": .collection
            default: .other
            }
        // The published sample has the second, the sender the first.
        let stamp = field["lastModifiedDateTime"].orNil ?? field["lastDateTimeModified"]
        lastModified = (try? stamp.string()).flatMap(WallTime.init)
        expires = (try? field["expirationDateTime"].string()).flatMap(WallTime.init)

        let resource = try Self.text(field["resource"], atMost: 4_096)
        guard let place = BusinessCentral.ResourcePlace(resource) else {
            throw field["resource"].wrong("expected …/companies(id)/entities(id)")
        }
        company = place.company
        entitySet = place.entitySet
        subject = place.record.map { .record(id: $0) } ?? .collection(changedAfter: place.changedAfter)
    }

    private static func text(_ field: JSONField, atMost most: Int) throws -> String {
        let text = try field.string()
        guard text.utf8.count <= most else { throw field.wrong("expected at most \(most) bytes") }
        return text
    }
}
