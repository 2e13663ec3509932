import Glibc
import Testing

@testable import Host

@Suite struct `a data folder` {
    /// `sudo ml-connector connection list` took the inbox away from a server that is not root.
    @Test func `is not rearranged by a command`() throws {
        var template = Array("/tmp/folder-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = try DataFolder(path, firstUser: nil)
        #expect(access(folder.inbox, F_OK) != 0)
        #expect(rmdir(path) == 0)
    }
}
