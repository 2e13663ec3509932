import Testing
import Transport

@Suite struct `an XML document` {
    private func read(_ text: String) throws -> XMLElement { try XML.element(Array(text.utf8)) }

    @Test func `is read with namespaces, attributes and text`() throws {
        let root = try read(
            #"<s:E xmlns:s="urn:s" xmlns="urn:d"><Row id="7" s:kind="a&amp;b">x &lt; y</Row><Row/></s:E>"#
        )
        #expect(root.name == "E" && root.space == "urn:s")
        #expect(root.all("Row").count == 2)
        #expect(root["Row"]?.attributes == ["id": "7", "kind": "a&b"])
        #expect(root["Row"]?.text == "x < y" && root["Row"]?.space == "urn:d")
    }

    @Test(arguments: [
        ("<a>x\u{1F}y</a>", "xy"), ("<a>x&#x1F;y</a>", "xy"), ("<a>x&#31;y</a>", "xy"), ("<a>&#x41;</a>", "A"),
        ("<a>&#xFFFF;&#10;</a>", "\n"), ("<a>😀 Ærø &amp; Søn</a>", "😀 Ærø & Søn"), ("<a>&#xD800;z</a>", "z"),
    ])
    func `loses what it has no place for, and nothing else`(document: String, text: String) throws {
        #expect(try read(document).text == text)
    }

    @Test(arguments: [
        "", "<a>", "<a></b>", "<a>&nope;</a>", "<a/><b/>", "text",
        "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "<!DOCTYPE a><a/>",
    ])
    func `is refused where it is none, or declares a type`(document: String) {
        #expect(throws: XML.Wrong.self) { try read(document) }
    }

    @Test func `has bounds`() {
        let deep = String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65)
        #expect(throws: XML.Wrong.self) { try read(deep) }
    }

    @Test(arguments: ["", "plain", "a<b>&\"c'", "\u{1}x\u{FFFE}", "é 😀\r\n\t", "]]>"])
    func `that was written is read as it was`(text: String) throws {
        let kept = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\u{1}" && $0 != "\u{FFFE}" }))
        #expect(try read("<a b=\"x\">\(XML.escaped(text))</a>").text == kept)
    }
}
