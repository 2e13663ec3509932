// sources: Core
// longest: 128
// seed: -100.00 0.1
// seed: 99999999999999999999999999999999999999 1e-38
// seed: +.5E+3 007
import Core

/// Text and value agree, and arithmetic obeys its laws wherever it has an answer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let values = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map { Decimal(String($0)) }
    for case let value? in values {
        let again = Decimal(value.text)
        precondition(again == value && again?.text == value.text && again?.scale == value.scale, "another text")
        precondition(-(-value) == value && value.magnitude >= 0, "negated twice, another value")
        if let int = value.int { precondition(Decimal(int) == value, "another integer") }
        round(value)
    }
    if values.count == 2, let a = values[0], let b = values[1] { combine(a, b) }
    return 0
}

private func round(_ value: Decimal) {
    for scale in [0, 2, 38, Decimal.maxScale] {
        for rounding in [Decimal.Rounding.halfEven, .halfUp] {
            guard let rounded = try? value.rounded(scale: scale, rounding) else { continue }
            precondition(rounded.scale == scale, "rounded to another scale")
            if scale >= value.scale { precondition(rounded == value, "filling up with zeros changed the value") }
            if let difference = try? rounded - value, let twice = try? difference.magnitude * 2,
                let unit = Decimal("1e-\(scale)")
            {
                precondition(twice <= unit, "rounded by more than a half")
            }
        }
    }
}

private func combine(_ a: Decimal, _ b: Decimal) {
    precondition([a < b, a == b, b < a].count { $0 } == 1, "not exactly one of less, equal, greater")
    if a == b { precondition(a.hashValue == b.hashValue, "equal, with another hash") }
    if let sum = try? a + b {
        precondition((try? b + a) == sum, "a sum depends on the order")
        if let back = try? sum - b { precondition(back == a, "adding and subtracting changed the value") }
        if b > 0 { precondition(sum > a, "adding something made it no larger") }
    }
    if let product = try? a * b {
        precondition((try? b * a) == product, "a product depends on the order")
        if let doubled = try? a + a, let one = try? doubled * b, let two = try? product + product {
            precondition(one == two, "twice a times b is not twice the product")
        }
    }
}
