import Core

/// Monday.com's platform API, version 2026-10.
package enum Monday {
    package static let name = RemoteSystem.monday.rawValue
    /// Pinned. Without a version in the request an account moves to the next one every quarter, and meanings change.
    package static let apiVersion = "2026-10"
    package static let apiURL = "https://api.monday.com/v2"
}
