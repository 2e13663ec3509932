/// Business Central's API v2.0, online and on-premises.
package enum BusinessCentral {
    package static let name = "Business Central"
}
