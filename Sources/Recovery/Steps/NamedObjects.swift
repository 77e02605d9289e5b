package import Bindings
package import Documents

extension Step {
    /// For steps that lifeboat cannot see into, and that say themselves what they destroy: what nobody destroys needs no refill.
    package static func refuse(_ refill: Name?, of destroys: [String]?, at node: YAMLNode) throws(InvalidDocument) {
        guard refill != nil, destroys?.isEmpty != false else { return }
        throw InvalidDocument(
            "`refill:` says what fills something again, and nothing is destroyed", hint: "name the objects under `destroys:`", at: node)
    }
}
