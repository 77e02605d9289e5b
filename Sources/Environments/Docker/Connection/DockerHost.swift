import Bindings

/// Where a container engine answers.
struct DockerHost: Sendable, Equatable {
    enum Way: Sendable, Equatable {
        case unixSocket(String)
        /// `http://host:2375` or `https://host:2376`, without a slash at the end.
        case web(String, HTTPRequest.TLS)
    }

    let way: Way
    /// What named it, for messages: `$DOCKER_HOST`, `context 'lab'`.
    let origin: String

    init(way: Way, origin: String) {
        self.way = way
        self.origin = origin
    }

    /// For messages.
    var address: String {
        switch way {
        case .unixSocket(let path): "unix://\(path)"
        case .web(let url, _): url
        }
    }

    /// Whether there is such a socket, and our account may not use it.
    var isForbidden: Bool {
        if case .unixSocket(let path) = way { Files.isForbidden(path) } else { false }
    }

    /// Whether its containers are processes of this very machine.
    var isLocal: Bool {
        if case .unixSocket = way { true } else { false }
    }
}
