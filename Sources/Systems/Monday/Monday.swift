/// Monday.com's platform API, version 2026-10.
package enum Monday {
    package static let name = "Monday"
}
