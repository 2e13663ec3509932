extension JSON {
    /// Members in the order they were written, each name once.
    package struct Object: Sendable, Equatable {
        package struct Member: Sendable, Equatable {
            package let name: String
            package var value: JSON

            package static func == (a: Member, b: Member) -> Bool {
                haveSameBytes(a.name, b.name) && a.value == b.value
            }
        }

        package private(set) var members: [Member] = []
        /// Where each name stands, kept once there are so many that searching them one by one would let a hostile
        /// document of a million names cost a million times a million comparisons.
        private var places: [Name: Int] = [:]
        private static let searched = 16

        package init() {}

        package var count: Int { members.count }

        /// Setting a new name appends it; setting `nil` takes the member out.
        package subscript(name: String) -> JSON? {
            get { place(of: name).map { members[$0].value } }
            set {
                switch (place(of: name), newValue) {
                case (let place?, let value?): members[place].value = value
                case (let place?, nil): remove(at: place)
                case (nil, let value?): append(Member(name: name, value: value))
                case (nil, nil): break
                }
            }
        }

        /// Whether the name was new; otherwise nothing changed.
        mutating func add(_ name: String, _ value: JSON) -> Bool {
            guard place(of: name) == nil else { return false }
            append(Member(name: name, value: value))
            return true
        }

        package static func == (a: Object, b: Object) -> Bool {
            a.members == b.members
        }

        private func place(of name: String) -> Int? {
            guard members.count <= Self.searched else { return places[Name(text: name)] }
            return members.firstIndex { haveSameBytes($0.name, name) }
        }

        private mutating func append(_ member: Member) {
            members.append(member)
            if members.count == Self.searched + 1 {
                indexAll()
            } else if members.count > Self.searched {
                places[Name(text: member.name)] = members.count - 1
            }
        }

        private mutating func remove(at place: Int) {
            members.remove(at: place)
            indexAll()
        }

        private mutating func indexAll() {
            places = [:]
            guard members.count > Self.searched else { return }
            for (place, member) in members.enumerated() { places[Name(text: member.name)] = place }
        }
    }

    /// A name compared, and hashed, by its bytes. Swift hashes canonically equal strings alike, of which two dozen
    /// letters with accents have as many as a hostile document likes: all in one place of the table.
    private struct Name: Hashable {
        let text: String

        static func == (a: Name, b: Name) -> Bool {
            haveSameBytes(a.text, b.text)
        }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

/// Swift's own comparison is quick to say no, and says yes to two spellings of an accented letter.
func haveSameBytes(_ a: String, _ b: String) -> Bool {
    a == b && a.utf8.elementsEqual(b.utf8)
}
