import Recovery

/// What a verification leaves alone.
package struct VerificationOptions: Sendable {
    /// Objects that are neither compared nor reported, as `KIND NAME` with `*`: `index public.tmp_*`; with `: ASPECT` behind it, that
    /// aspect only: `table public.books: owner`.
    package var ignore: [String]
    /// What the restore left out on purpose.
    package var leftOut: [LeftOut]
    /// Materialised views that the restore left unfilled on purpose, by their names in the inventory.
    package var unfilled: Set<String>
    package var missingRoles: MissingRoles

    package init(
        ignore: [String] = [], leftOut: [LeftOut] = [], unfilled: Set<String> = [], missingRoles: MissingRoles = .areFindings
    ) {
        self.ignore = ignore
        self.leftOut = leftOut
        self.unfilled = unfilled
        self.missingRoles = missingRoles
    }

    /// A kind of object, or those of a name, that the restore did not bring back.
    package struct LeftOut: Sendable {
        package let kind: String
        /// With `*`.
        package let names: String
        package let why: String

        package init(_ kind: String, names: String = "*", because why: String) {
            self.kind = kind
            self.names = names
            self.why = why
        }
    }

    package enum MissingRoles: Sendable {
        /// A real server should have them: one finding per role.
        case areFindings
        /// One line per role in what was not exercised.
        case areNotExercised
    }

    /// What a drill does not restore, since it would reach out of the disposable server.
    package static let leftOutOfDrills = [
        LeftOut("subscription", because: "it would connect to its publisher"),
        LeftOut("user mapping", because: "with it, foreign tables could log in to another server"),
        LeftOut("event trigger", because: "it would run code at every change of a definition"),
        LeftOut("setting", names: "*session_preload_libraries", because: "a disposable server loads no libraries at login"),
        LeftOut("setting", names: "*local_preload_libraries", because: "a disposable server loads no libraries at login"),
        LeftOut("security label", because: "its provider is a library that a disposable server does not load"),
    ]

    func reasonLeftOut(_ item: InventoryItem) -> String? {
        leftOut.first { part in
            if part.kind == item.kind { return Glob(part.names).matches(item.name) }
            // What is said about an object goes with it.
            guard item.kind == "comment", item.name.hasPrefix("\(part.kind) ") else { return false }
            return Glob(part.names).matches(String(item.name.dropFirst(part.kind.count + 1)))
        }?.why
    }

    func ignores(_ subject: String, _ aspect: String? = nil) -> Bool {
        let name = aspect.map { "\(subject): \($0)" } ?? subject
        return ignore.contains { Glob($0).matches(name) }
    }
}
