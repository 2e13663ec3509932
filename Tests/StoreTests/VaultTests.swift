import Core
import Foundation
import Store
import Testing

@Suite struct `a vault` {
    let acme: Name
    let zenith: Name
    let board: Name
    let key: DataKey
    let place: SealContext

    init() throws {
        acme = try Name("acme")
        zenith = try Name("zenith")
        board = try Name("bc-board")
        key = try DataKey.random()
        place = .secret("token", of: board, tenant: acme)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1_000, 70_000])
    func `opens what it sealed`(count: Int) throws {
        let secret = try Random.secret(count)
        let sealed = try key.seal(secret, context: place)
        #expect(try key.unseal(sealed, context: place) == secret)
        #expect(try key.seal(secret, context: place) != sealed, "each sealing has a nonce of its own")
    }

    @Test func `refuses a sealed secret with any bit flipped`() throws {
        let sealed = try key.seal(Secret(text: "a client secret"), context: place)
        for bit in 0..<sealed.count * 8 {
            var flipped = sealed
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: VaultError.self, "bit \(bit)") { try key.unseal(flipped, context: place) }
        }
    }

    @Test func `refuses a sealed secret cut or extended anywhere`() throws {
        let sealed = try key.seal(Secret(text: "a client secret"), context: place)
        for count in 0..<sealed.count {
            #expect(throws: VaultError.damaged) { try key.unseal(Array(sealed.prefix(count)), context: place) }
        }
        #expect(throws: VaultError.damaged) { try key.unseal(sealed + [0], context: place) }
    }

    @Test func `refuses a sealed secret in another place`() throws {
        let sealed = try key.seal(Secret(text: "a client secret"), context: place)
        let others: [SealContext] = [
            .secret("signing", of: board, tenant: acme), .secret("token", of: board, tenant: zenith),
            .secret("token", of: try Name("nav-bill"), tenant: acme),
        ]
        for other in others {
            #expect(throws: VaultError.damaged) { try key.unseal(sealed, context: other) }
        }
    }

    @Test func `names the key that is needed, and tells nothing else`() throws {
        let other = try DataKey.random()
        let sealed = try key.seal(Secret(text: "canary-secret"), context: place)
        let error = #expect(throws: VaultError.self) { try other.unseal(sealed, context: place) }
        #expect(error == .wrongKey(sealedUnder: key.identity, atHand: other.identity))
        #expect(error.map { "\($0)".contains("canary") } == false)
        #expect(!"\(key)".contains(key.secret.withBytes { $0.map { "\($0)" }.joined(separator: ", ") }))
    }

    @Test func `reads the format that is on people's disks`() throws {
        // Sealed by another implementation: Python's cryptography, AES-256-GCM.
        let master = try MasterKey(text: Secret(text: String(repeating: "0123456789abcdef", count: 4)), from: "a test")
        let wrapped = bytes(fixtureWrapped)
        #expect(master.wrapped(wrapped))
        let key = try master.unwrap(wrapped, for: acme)
        #expect(key.secret.withBytes { Array($0) } == Array(0..<32))
        #expect(try key.unseal(bytes(fixtureSealed), context: place) == Secret(text: "hello"))
    }

    @Test func `wraps a tenant's key for that tenant only`() throws {
        let master = try MasterKey.random()
        let wrapped = try master.wrap(key, for: acme)
        #expect(try master.unwrap(wrapped, for: acme) == key)
        #expect(throws: VaultError.damaged) { try master.unwrap(wrapped, for: zenith) }
        #expect(master.wrapped(wrapped))
        let next = try MasterKey.random()
        #expect(!next.wrapped(wrapped))
        #expect(throws: VaultError.wrongKey(sealedUnder: master.identity, atHand: next.identity)) {
            try next.unwrap(wrapped, for: acme)
        }
    }
}

@Suite struct `a master key` {
    let folder = Folder()

    func write(_ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        try folder.write(bytes, to: "key")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder["key"])
        return folder["key"]
    }

    @Test func `is the same from bytes, hexadecimal and base64, from a file and from text`() throws {
        let raw = (0..<32).map { UInt8($0 * 7 & 0xff) ^ 0xf5 }
        let hexadecimal = raw.map { String(format: "%02x", $0) }.joined()
        let base64 = Data(raw).base64EncodedString()
        let alphabet = base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let expected = try MasterKey(file: write(raw))
        #expect(base64 != alphabet)
        for text in [hexadecimal, hexadecimal.uppercased() + "\n", base64, " " + base64 + "\r\n", alphabet] {
            #expect(try MasterKey(file: write(Array(text.utf8))) == expected)
            #expect(try MasterKey(text: Secret(text: text), from: "ML_MASTER_KEY") == expected)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660, 0o601])
    func `in a file that others may use is refused`(mode: Int) throws {
        let path = try write(Array(repeating: 7, count: 31) + [8], mode: mode)
        let error = #expect(throws: VaultError.self) { try MasterKey(file: path) }
        #expect(error.map { "\($0)".contains("chmod 600") } == true)
    }

    @Test(arguments: [
        "", "password", "0123456789abcdef0123456789abcdef", String(repeating: "0", count: 64),
        String(repeating: "zz", count: 32), String(repeating: "ab", count: 31) + "a\u{e9}",
        "////////////////////////////////////////////", String(repeating: "a", count: 43) + "!",
        String(repeating: "Zm9v", count: 10) + "Zm9=",
    ])
    func `is refused when it is none, without repeating it`(text: String) throws {
        let path = try write(Array(text.utf8))
        for error in [
            #expect(throws: VaultError.self) { try MasterKey(file: path) },
            #expect(throws: VaultError.self) { try MasterKey(text: Secret(text: text), from: "ML_MASTER_KEY") },
        ] {
            let told = error.map { "\($0)" } ?? ""
            #expect(told.contains("openssl rand -hex 32"))
            #expect(text.isEmpty || !told.contains(text))
        }
    }

    @Test func `that is not there, or is a folder, is told so`() {
        for path in [folder["none"], folder.path] {
            #expect(throws: VaultError.self) { try MasterKey(file: path) }
        }
    }
}

func bytes(_ hexadecimal: String) -> [UInt8] {
    stride(from: 0, to: hexadecimal.count, by: 2).compactMap { offset in
        let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: offset)
        return UInt8(hexadecimal[start...].prefix(2), radix: 16)
    }
}

private let fixtureWrapped =
    "014884fdaafea47c296465666768696a6b6c6d6e6f53ce8fd129f9c781fe233742b1a107eda76539c785e0ad95eed3ce5d3f434f"
    + "8187e86a85243adbac1f96e1c9e9517341"
private let fixtureSealed = "01630dcd2966c43366c8c9cacbcccdcecfd0d1d2d3791d0db7e99a1adf746d6ba2b1dcc77ec67f076903"
