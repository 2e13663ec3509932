import Glibc

/// Where a connection comes from. A Unix socket's peer has no address.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    private enum Family: Hashable {
        case none
        case ipv4
        case ipv6
    }
    private var family = Family.none
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    init(_ address: UnsafePointer<sockaddr>?) {
        guard let address else { return }
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let bytes = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
            family = .ipv4
            low = UInt64(UInt32(bigEndian: bytes.s_addr))
        case AF_INET6:
            var bytes = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self).sin6_addr
            (high, low) = withUnsafeBytes(of: &bytes) { bytes in
                (
                    UInt64(bigEndian: bytes.load(as: UInt64.self)),
                    UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self))
                )
            }
            family = .ipv6
            // A listener for both families shows an IPv4 client as ::ffff:a.b.c.d.
            if high == 0, low >> 32 == 0xffff {
                family = .ipv4
                low &= 0xffff_ffff
            }
        default: break
        }
    }

    /// What shares one allowance of connections: the address, or for IPv6 its network of 64 bits.
    var neighbourhood: PeerAddress? {
        switch family {
        case .none: return nil
        case .ipv4: return self
        case .ipv6:
            var network = self
            network.low = 0
            return network
        }
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch family {
        case .none: return "local"
        case .ipv4:
            var bytes = UInt32(low).bigEndian
            inet_ntop(AF_INET, &bytes, &text, socklen_t(text.count))
        case .ipv6:
            var bytes = (high.bigEndian, low.bigEndian)
            inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
}
