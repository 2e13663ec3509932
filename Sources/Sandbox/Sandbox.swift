/// Strict simulators of the remote systems: what a vendor refuses, they refuse.
package enum Sandbox {}
