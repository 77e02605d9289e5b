/// What a provider gives a server that runs in a container.
package struct ContainerPlace: Sendable {
    package let password: Secret

    package init(password: Secret) { self.password = password }
}

/// A server as a container. What the image says is kept, but for what is said here.
package struct ContainerPlan: Sendable {
    /// As one writes it: `postgres:16`, `registry.local:5000/pg@sha256:…`.
    package var image: String
    /// Instead of the image's own; nil keeps that, which matters for images that set their server up with it.
    package var command: [String]?
    package var environment: [String: Secret]
    /// The variable among them that holds the password of `login`.
    package var passwordVariable: String
    /// TCP, inside.
    package var port: Int
    /// The only ones of all capabilities that its entry point needs, without `CAP_`.
    package var capabilities: [String]
    /// Bytes of /dev/shm.
    package var sharedMemory: Int64
    /// How to log in; host and port are the provider's to fill in.
    package var login: ServerAddress

    package init(
        image: String, command: [String]? = nil, environment: [String: Secret], passwordVariable: String, port: Int, capabilities: [String],
        sharedMemory: Int64,
        login: ServerAddress
    ) {
        self.image = image
        self.command = command
        self.environment = environment
        self.passwordVariable = passwordVariable
        self.port = port
        self.capabilities = capabilities
        self.sharedMemory = sharedMemory
        self.login = login
    }
}
