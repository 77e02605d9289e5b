/// The step contract; see the next change.
package protocol Step: Sendable {}
