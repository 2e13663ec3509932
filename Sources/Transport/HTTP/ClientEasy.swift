import CCurl
import CPosix
import Core
import Glibc

/// One of libcurl's easy handles, used for one exchange after another.
final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var body: UnsafeMutableRawBufferPointer?

    init() {
        guard let handle = curl_easy_init() else { preconditionFailure("libcurl has no memory left") }
        self.handle = handle
        words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        reset()
        curl_easy_cleanup(handle)
        words.deallocate()
    }

    /// Forgets the exchange, and wipes what it held in secret. Connections and what is known of names stay.
    func reset() {
        curl_easy_reset(handle)
        var node = headers
        while let current = node {
            ml_wipe(current.pointee.data, strlen(current.pointee.data))
            node = current.pointee.next
        }
        curl_slist_free_all(headers)
        headers = nil
        if let body {
            // A token request carries its secret here.
            ml_wipe(body.baseAddress, body.count)
            body.deallocate()
        }
        body = nil
        words[0] = 0
    }

    // MARK: Before

    func prepare(_ request: HTTPClient.Request, to url: TargetURL, _ settings: HTTPClient.Settings) {
        set(CURLOPT_NOSIGNAL, 1)
        // Else the end of a look-up that nobody waits for any more would be waited for, with the whole loop.
        set(CURLOPT_QUICK_EXIT, 1)
        ml_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, words)
        ml_curl_set_pointer(handle, CURLOPT_CURLU, UnsafeRawPointer(url.handle))
        set(CURLOPT_PROTOCOLS_STR, url.origin.scheme)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        set(CURLOPT_PIPEWAIT, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.deadlines.connect.nanoseconds / 1_000_000)))
        // Servers commonly drop what was quiet for a minute or more; a request should not meet that moment.
        set(CURLOPT_MAXAGE_CONN, 50)
        // Every encoding that libcurl was built with.
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_USERAGENT, settings.userAgent)
        trust(settings)
        use(settings.proxy)
        setMethod(request)
        setHeaders(request.headers)
    }

    private func trust(_ settings: HTTPClient.Settings) {
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // With a folder of authorities, which Debian sets, libcurl reads all of them again for every connection.
        ml_curl_set_text(handle, CURLOPT_CAPATH, nil)
        ml_curl_set_text(handle, CURLOPT_PROXY_CAPATH, nil)
        if let file = settings.authoritiesFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_PROXY_CAINFO, file)
        }
        if let certificate = settings.certificate {
            set(CURLOPT_SSLCERT, certificate.file)
            set(CURLOPT_SSLKEY, certificate.keyFile)
            if let password = certificate.keyPassword { set(CURLOPT_KEYPASSWD, password) }
        }
    }

    /// Without a proxy none is used: not the environment's either, which is not ours to follow.
    private func use(_ proxy: HTTPClient.Proxy?) {
        set(CURLOPT_PROXY, proxy?.url ?? "")
        set(CURLOPT_NOPROXY, "")
        guard let proxy else { return }
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if let user = proxy.user {
            set(CURLOPT_PROXYAUTH, ml_curl_any_authentication)
            set(CURLOPT_PROXYUSERNAME, user)
            if let password = proxy.password { set(CURLOPT_PROXYPASSWORD, password) }
        }
    }

    private func setMethod(_ request: HTTPClient.Request) {
        if request.method == .head {
            set(CURLOPT_NOBODY, 1)
        } else if request.body.isEmpty, request.method != .post, request.method != .put, request.method != .patch {
            set(CURLOPT_HTTPGET, 1)
        } else {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(request.body.count, 1), alignment: 1)
            copy.copyBytes(from: request.body)
            body = copy
            set(CURLOPT_POST, 1)
            ml_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
            ml_curl_set_pointer(handle, CURLOPT_POSTFIELDS, copy.baseAddress)
        }
        if ![.get, .head, .post].contains(request.method) { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    private func setHeaders(_ all: [HTTPClient.Header]) {
        for header in all { append(header) }
        // libcurl would ask for leave before a large body, and call every body a form.
        headers = curl_slist_append(headers, "Expect:")
        if !all.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers = curl_slist_append(headers, "Content-Type:")
        }
        ml_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    }

    private func append(_ header: HTTPClient.Header) {
        var line = Array(header.name.utf8)
        let nameLength = line.count
        line += [UInt8(ascii: ":"), UInt8(ascii: " ")]
        switch header.value {
        case .plain(let text):
            line += text.utf8
        case .secret(let prefix, let secret):
            // Room for all at once: growing would leave half a secret behind.
            line.reserveCapacity(line.count + prefix.utf8.count + secret.count + 1)
            line += prefix.utf8
            secret.withBytes { line += $0 }
        }
        // In libcurl's list, a header without a value is one not to send, unless it is written with a semicolon.
        if line.count == nameLength + 2 { line.replaceSubrange(nameLength..., with: [UInt8(ascii: ";")]) }
        line.append(0)
        line.withUnsafeMutableBytes { bytes in
            headers = curl_slist_append(headers, bytes.assumingMemoryBound(to: CChar.self).baseAddress)
            ml_wipe(bytes.baseAddress, bytes.count)
        }
    }

    private func set(_ option: CURLoption, _ value: Int) {
        ml_curl_set_long(handle, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        ml_curl_set_text(handle, option, value)
    }

    private func set(_ option: CURLoption, _ secret: Secret) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: secret.count + 1) { text in
            secret.withBytes { UnsafeMutableRawBufferPointer(text).copyBytes(from: $0) }
            text[secret.count] = 0
            ml_curl_set_text(handle, option, text.baseAddress)
            ml_wipe(text.baseAddress, text.count)
        }
    }

    // MARK: During and after

    var explanation: String { String(cString: words) }

    /// Why there was no connection, as the kernel has it.
    var systemError: String { String(cString: strerror(Int32(number(CURLINFO_OS_ERRNO)))) }

    /// Of the body, as they came: packed.
    var receivedBytes: Int { size(CURLINFO_SIZE_DOWNLOAD_T) }

    var sentBytes: Int { size(CURLINFO_SIZE_UPLOAD_T) }

    var timing: HTTPClient.Timing {
        HTTPClient.Timing(
            version: number(CURLINFO_HTTP_VERSION) >= CURL_HTTP_VERSION_2_0
                ? .http2 : number(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_1_0 ? .http10 : .http11,
            reusedConnection: number(CURLINFO_NUM_CONNECTS) == 0,
            connect: .microseconds(size(CURLINFO_PRETRANSFER_TIME_T)),
            firstByte: .microseconds(size(CURLINFO_STARTTRANSFER_TIME_T)),
            total: .microseconds(size(CURLINFO_TOTAL_TIME_T))
        )
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        ml_curl_get_long(handle, info, &value)
        return value
    }

    private func size(_ info: CURLINFO) -> Int {
        var value = 0
        ml_curl_get_size(handle, info, &value)
        return value
    }
}
