import CExpat
import Core

/// An element of an XML document, with all that is in it.
package struct XMLElement: Sendable, Equatable {
    /// Without its prefix.
    package var name: String
    /// Of the name; empty where there is none.
    package var space: String
    /// By their names without prefixes.
    package var attributes: [String: String] = [:]
    package var children: [XMLElement] = []
    /// What stands between its tags and not within its children.
    package var text = ""

    package init(_ name: String, space: String = "") {
        self.name = name
        self.space = space
    }

    package subscript(name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    package func all(_ name: String) -> [XMLElement] {
        children.filter { $0.name == name }
    }
}

/// Reads and writes XML as remote systems speak it. Documents from outside are bounded, and those that declare a type of
/// their own, which is how entities are smuggled in, are refused.
package enum XML {
    package struct Wrong: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String
    }

    package enum Piece {
        case begins(XMLElement)
        case text(String)
        case ends(name: String)
    }

    package static let mostDepth = 64
    package static let mostElements = 2_000_000

    /// The whole document as a tree.
    package static func element(_ document: [UInt8]) throws(Wrong) -> XMLElement {
        var open: [XMLElement] = []
        var root: XMLElement?
        try read(document) { piece in
            switch piece {
            case .begins(let element): open.append(element)
            case .text(let text): open[open.count - 1].text += text
            case .ends:
                let element = open.removeLast()
                if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
            }
        }
        guard let root else { throw Wrong(description: "it has no element") }
        return root
    }

    /// Piece by piece: whoever needs little of a large document keeps little of it.
    package static func read(_ document: [UInt8], _ each: (Piece) -> Void) throws(Wrong) {
        let document = withoutForbidden(document)
        guard let parser = XML_ParserCreateNS("UTF-8", separator) else { throw Wrong(description: "no memory") }
        defer { XML_ParserFree(parser) }
        let wrong: Wrong? = withoutActuallyEscaping(each) { each in
            let reading = Reading(parser, each)
            return withExtendedLifetime(reading) { reading.run(document) }
        }
        if let wrong { throw wrong }
    }

    fileprivate static let separator: XML_Char = 1

    private final class Reading {
        private let parser: XML_Parser
        private let each: (Piece) -> Void
        private var depth = 0
        private var elements = 0
        private var refusal: String?

        init(_ parser: XML_Parser, _ each: @escaping (Piece) -> Void) {
            self.parser = parser
            self.each = each
        }

        func run(_ document: [UInt8]) -> Wrong? {
            XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
            XML_SetElementHandler(
                parser,
                { data, name, attributes in Reading.of(data)?.begin(name, attributes) },
                { data, name in Reading.of(data)?.end(name) }
            )
            XML_SetCharacterDataHandler(parser) { data, text, count in
                guard let text else { return }
                let bytes = UnsafeRawBufferPointer(start: text, count: Int(count))
                Reading.of(data)?.each(.text(String(decoding: bytes, as: UTF8.self)))
            }
            XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
                Reading.of(data)?.refuse("it declares a document type, which is not read")
            }
            guard document.count <= Int(Int32.max) else { return Wrong(description: "it is too large") }
            let status = document.withUnsafeBytes { bytes in
                XML_Parse(parser, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), 1)
            }
            if let refusal { return Wrong(description: refusal) }
            guard status != XML_STATUS_OK else { return nil }
            let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "not well-formed"
            return Wrong(description: "\(reason) in line \(XML_GetCurrentLineNumber(parser))")
        }

        private static func of(_ data: UnsafeMutableRawPointer?) -> Reading? {
            data.map { Unmanaged<Reading>.fromOpaque($0).takeUnretainedValue() }
        }

        private func refuse(_ reason: String) {
            refusal = refusal ?? reason
            XML_StopParser(parser, 0)
        }

        private func begin(
            _ name: UnsafePointer<XML_Char>?,
            _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
        ) {
            guard refusal == nil, let name else { return }
            depth += 1
            elements += 1
            if depth > mostDepth { return refuse("its elements are more than \(mostDepth) deep") }
            if elements > mostElements { return refuse("it has more than \(mostElements) elements") }
            let (local, space) = parts(name)
            var element = XMLElement(local, space: space)
            var pair = attributes
            while let key = pair?.pointee, let value = pair?.advanced(by: 1).pointee {
                element.attributes[parts(key).name] = String(cString: value)
                pair = pair?.advanced(by: 2)
            }
            each(.begins(element))
        }

        private func end(_ name: UnsafePointer<XML_Char>?) {
            guard refusal == nil, let name else { return }
            depth -= 1
            each(.ends(name: parts(name).name))
        }

        /// Expat writes `namespace␁name`.
        private func parts(_ text: UnsafePointer<XML_Char>) -> (name: String, space: String) {
            let whole = String(cString: text)
            guard let cut = whole.utf8.lastIndex(of: UInt8(bitPattern: separator)) else { return (whole, "") }
            return (String(whole[whole.utf8.index(after: cut)...]), String(whole[..<cut]))
        }
    }

    // MARK: Characters that XML has no place for

    /// Some systems send what people have pasted as it is: control characters, or references to them. They say nothing,
    /// and a document is not worth losing for them.
    static func withoutForbidden(_ document: [UInt8]) -> [UInt8] {
        guard document.contains(where: { isForbidden($0) }) || document.contains(UInt8(ascii: "&")) else {
            return document
        }
        var kept: [UInt8] = []
        kept.reserveCapacity(document.count)
        var index = document.startIndex
        while index < document.endIndex {
            let byte = document[index]
            if isForbidden(byte) {
                index += 1
            } else if byte == UInt8(ascii: "&"), let length = forbiddenReference(document[index...]) {
                index += length
            } else {
                kept.append(byte)
                index += 1
            }
        }
        return kept
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D
    }

    /// The length of `&#x1F;` or `&#31;`, where that is what begins here and it names a character that must not be.
    private static func forbiddenReference(_ bytes: ArraySlice<UInt8>) -> Int? {
        var text = bytes.dropFirst().prefix(12)
        guard text.first == UInt8(ascii: "#"), let end = text.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        text = text[(text.startIndex + 1)..<end]
        let isHexadecimal = text.first == UInt8(ascii: "x") || text.first == UInt8(ascii: "X")
        let digits = String(decoding: isHexadecimal ? text.dropFirst() : text, as: UTF8.self)
        guard let code = UInt32(digits, radix: isHexadecimal ? 16 : 10) else { return nil }
        let isAllowed =
            code == 0x09 || code == 0x0A || code == 0x0D || 0x20...0xD7FF ~= code || 0xE000...0xFFFD ~= code
            || 0x10000...0x10FFFF ~= code
        return isAllowed ? nil : end - bytes.startIndex + 1
    }

    // MARK: Writing

    /// Text as it stands between tags or in an attribute; without what XML has no place for.
    package static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { needsCare($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            // A reader would make a line feed of it.
            case "\r": result += "&#13;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func needsCare(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
            || byte == UInt8(ascii: "\"") || byte == 0xEF
    }
}
