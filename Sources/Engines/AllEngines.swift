import Recovery

/// Every engine there is: one line each.
package enum AllEngines {
    package static func list(_ parts: EngineParts) -> [any Engine] {
        [
            PostgresEngine(parts),
            QdrantEngine(parts),
            ArangoEngine(parts),
        ]
    }
}

/// What engines are made of.
package struct EngineParts: Sendable {
    /// Runs the engines' own programs.
    package let commands: any CommandRunner
    package let time: any TimeSource
    /// Folders with the engines' own programs, to be looked into first: `tools:` of the configuration.
    package let toolFolders: [String]
    /// The value of PATH.
    package let path: String
    /// What our sessions are called on servers: the same for all of this process, and no other's.
    package let sessionName: String
    /// Leads into containers that hold programs; nil: nothing does.
    package let containers: (any ToolContainers)?
    /// The container of each target that has one: `container:` of the configuration.
    package let toolContainers: [String: String]

    package init(
        commands: any CommandRunner, time: any TimeSource, toolFolders: [String], path: String, sessionName: String,
        containers: (any ToolContainers)? = nil, toolContainers: [String: String] = [:]
    ) {
        self.containers = containers
        self.toolContainers = toolContainers
        self.commands = commands
        self.time = time
        self.toolFolders = toolFolders
        self.path = path
        self.sessionName = sessionName
    }
}
