import Core
import Testing

@Suite struct `a decimal` {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("-0.00", "0.00"), ("100.00", "100.00"), ("007", "7"), ("+3", "3"), (".5", "0.5"),
        ("5.", "5"), ("-.05", "-0.05"), ("1.5e3", "1500"), ("1.5E1", "15"), ("1.50e1", "15.0"), ("12e-4", "0.0012"),
        ("0e999999999999999999999", "0"), ("1.1368683772161603e-13", "0.00000000000011368683772161603"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"),
        ("000000000000000000000000000000000000000000001", "1"), ("1e37", "1" + String(repeating: "0", count: 37)),
        ("1234567890123456789012345678.9012345678", "1234567890123456789012345678.9012345678"),
    ])
    func `is written without an exponent and with its scale`(text: String, written: String) throws {
        let decimal = try #require(Decimal(text))
        #expect(decimal.text == written)
        #expect(Decimal(written) == decimal)
    }

    @Test(arguments: [
        "", "-", "+", ".", "-.", "1e", "1e+", "e5", "1.2.3", "1,5", " 1", "1 ", "0x1", "1e5.5", "--1", "+-1", "NaN",
        "Infinity",
        "999999999999999999999999999999999999990", "1e38", "1e999999999999", "1e-77", "٣", "1\u{0}",
        "340282366920938463463374607431768211457", "1.00000000000000000000000000000000000000",
    ])
    func `is nothing else, and holds no more than 38 digits`(text: String) {
        #expect(Decimal(text) == nil)
    }

    @Test func `is equal, ordered and hashed by value`() throws {
        let ascending = try ["-1e37", "-100", "-99.99", "-1e-76", "0", "1e-76", "1e-38", "0.1", "0.11", "1", "1e37"]
            .map { try #require(Decimal($0)) }
        for (i, a) in ascending.enumerated() {
            for (j, b) in ascending.enumerated() {
                #expect((a < b) == (i < j))
                #expect((a == b) == (i == j))
            }
        }
        let same = try ["100", "100.00", "1e2", "+100.", "100.000000000000000000"].map { try #require(Decimal($0)) }
        #expect(Set(same).count == 1)
        #expect(Set(try ["0", "-0.0", "0.000"].map { try #require(Decimal($0)) }).count == 1)
    }

    @Test func `adds and multiplies exactly`() throws {
        let a = try #require(Decimal("0.1"))
        let b = try #require(Decimal("0.20"))
        #expect(try (a + b).text == "0.30")
        #expect(try (a - b).text == "-0.10")
        #expect(try (a * b).text == "0.020")
        #expect((-a).text == "-0.1")
        #expect(-Decimal.zero == .zero)
        #expect((-a).magnitude == a)
        var sum = Decimal.zero
        for _ in 0..<1_000 { try sum += a }
        #expect(sum == 100)
    }

    @Test func `throws where a result has too many digits`() throws {
        let large = try #require(Decimal("99999999999999999999999999999999999999"))
        let small = try #require(Decimal("0.1"))
        #expect(throws: Decimal.Overflow.self) { try large + 1 }
        #expect(throws: Decimal.Overflow.self) { try -large - 1 }
        #expect(throws: Decimal.Overflow.self) { try large + small }
        #expect(throws: Decimal.Overflow.self) { try large * 2 }
        #expect(throws: Decimal.Overflow.self) { try large * large }
        #expect(throws: Decimal.Overflow.self) { try large.rounded(scale: 1, .halfUp) }
        #expect(try large - large == 0)
        // Zeros at the end of a fraction are given up before a value is.
        let padded = try #require(Decimal("10000000000000000000.000000000000000000"))
        #expect(try padded * 1_000_000_000 == Decimal("10000000000000000000000000000"))
        #expect(throws: Decimal.Overflow.self) { try padded * padded }
    }

    @Test(arguments: [
        ("2.5", 0, "2", "3"), ("3.5", 0, "4", "4"), ("-2.5", 0, "-2", "-3"), ("2.51", 0, "3", "3"),
        ("2.49", 0, "2", "2"),
        ("1.005", 2, "1.00", "1.01"), ("1.015", 2, "1.02", "1.02"), ("-1.005", 2, "-1.00", "-1.01"),
        ("9.99", 1, "10.0", "10.0"),
        ("7", 2, "7.00", "7.00"), ("0.05", 0, "0", "0"), ("-0.4", 0, "0", "0"),
        ("5e-39", 38, "0.00000000000000000000000000000000000000", "0.00000000000000000000000000000000000001"),
        ("9e-76", 0, "0", "0"), ("0.99999999999999999999999999999999999999", 0, "1", "1"),
    ])
    func `rounds halves to even or away from zero`(text: String, scale: Int, even: String, up: String) throws {
        let decimal = try #require(Decimal(text))
        #expect(try decimal.rounded(scale: scale, .halfEven).text == even)
        #expect(try decimal.rounded(scale: scale, .halfUp).text == up)
    }

    @Test(arguments: [("12", 12), ("12.00", 12), ("-9223372036854775808", Int.min), ("9223372036854775807", Int.max)])
    func `is an integer when it has no fraction`(text: String, int: Int) {
        #expect(Decimal(text)?.int == int)
    }

    @Test(arguments: ["0.5", "9223372036854775808", "1e37"]) func `is no integer otherwise`(text: String) throws {
        #expect(try #require(Decimal(text)).int == nil)
    }
}
