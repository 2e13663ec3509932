import CPosix
import Glibc

extension HTTPServer {
    /// A listening TCP socket of ours, for a server that has a port to itself.
    package struct Listener: Sendable {
        package let descriptor: Int32
        package let port: Int

        /// With port 0 the kernel chooses a free one.
        package init(host: String, port: Int) throws(StartFailure) {
            var why: UnsafePointer<CChar>?
            let descriptor = ml_tcp_listen(host, "\(port)", 1_024, &why)
            guard descriptor >= 0 else {
                let reason = why.map { String(cString: $0) } ?? "unknown reason"
                throw StartFailure(description: "cannot listen on \(host):\(port): \(reason)")
            }
            self.descriptor = descriptor
            self.port = Int(ml_local_port(descriptor))
        }

        package func close() {
            Glibc.close(descriptor)
        }
    }
}
