import CPosix
import Foundation
import Glibc
import Transport

/// The server that our clients' servers are most like: TLS with HTTP/2, TLS without, old TLS, TLS that asks who we are.
final class Nginx {
    let plain: Int
    let http2: Int
    let http1: Int
    let old: Int
    let mutual: Int
    private let folder: URL
    private var process = pid_t()

    /// A self-signed certificate for `localhost`, which is its own authority.
    var certificate: String { folder.appending(path: "cert.pem").path }
    var key: String { folder.appending(path: "key.pem").path }
    static let bigBytes = 6 << 20

    init() throws {
        let ports = freePorts(5)
        (plain, http2, http1, old, mutual) = (ports[0], ports[1], ports[2], ports[3], ports[4])
        folder = FileManager.default.temporaryDirectory.appending(path: "nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "www"),
            withIntermediateDirectories: true
        )
        let openssl = spawn(
            "/usr/bin/openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            key,
            "-out",
            certificate
        )
        waitpid(openssl, nil, 0)
        try Data(count: Self.bigBytes).write(to: folder.appending(path: "www/big.txt"))
        try Data(configuration.utf8).write(to: folder.appending(path: "nginx.conf"))
        // Ends with the thread that starts it, which is the loop's, and so with the test process whatever happens to it.
        process = spawn(
            "/usr/bin/setpriv",
            "--pdeathsig",
            "TERM",
            "/usr/sbin/nginx",
            "-p",
            folder.path,
            "-c",
            "nginx.conf",
            "-e",
            "error.log"
        )
        while !isListening(mutual), waitpid(process, nil, WNOHANG) == 0 { usleep(2_000) }
    }

    func stop() {
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
        try? FileManager.default.removeItem(at: folder)
    }

    private var configuration: String {
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log error.log crit;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi; scgi_temp_path scgi;
            client_max_body_size 64m;
            default_type text/plain;
            ssl_certificate cert.pem;
            ssl_certificate_key key.pem;
            server { listen 127.0.0.1:\(plain); \(locations) }
            server { listen 127.0.0.1:\(http2) ssl http2; \(locations) }
            server { listen 127.0.0.1:\(http1) ssl; \(locations) }
            server { listen 127.0.0.1:\(old) ssl; ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; \(locations) }
            server {
                listen 127.0.0.1:\(mutual) ssl;
                ssl_verify_client on;
                ssl_client_certificate cert.pem;
                \(locations)
            }
        }
        """
    }

    private let locations = """
        root www;
        location /ok { return 200 "hello"; }
        location /accept { return 202; }
        location /wide { add_header X-Wide "\(String(repeating: "w", count: 3_000))"; return 200 "wide"; }
        location /gzip { gzip on; gzip_types text/plain; gzip_min_length 1; alias www; }
        """
}

/// Gives the body an nginx, and ends it whatever happens.
@OnLoop func withNginx<Result>(_ body: @OnLoop (Nginx) async throws -> Result) async throws -> Result {
    let nginx = try Nginx()
    defer { nginx.stop() }
    return try await body(nginx)
}

private func spawn(_ arguments: String...) -> pid_t {
    var pid = pid_t()
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    for descriptor in 0...2 as ClosedRange<Int32> {
        posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0)
    }
    // Our threads block signals, and a program would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    let failed = posix_spawn(&pid, arguments[0], &files, &attributes, &pointers, environ)
    precondition(failed == 0, "\(arguments[0]) cannot be started: error \(failed)")
    return pid
}

private func isListening(_ port: Int) -> Bool {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(probe) }
    return withLoopbackAddress(port: port) { connect(probe, $0, $1) } == 0
}

/// Ports that were free a moment ago: all are held until the last is known, so that no two are the same.
func freePorts(_ count: Int) -> [Int] {
    var why: UnsafePointer<CChar>?
    let sockets = (0..<count).map { _ in ml_tcp_listen("127.0.0.1", "0", 1, &why) }
    defer { for socket in sockets { close(socket) } }
    return sockets.map { Int(ml_local_port($0)) }
}
