package import Documents

/// An application of the configuration: told what to do by commands and requests, or stopped and started as containers.
package enum AppDocument: Union {
    case told(AppActions)
    case contained(AppContainment)

    package static let variants = OneOf<AppDocument>(
        .mapping(
            Fields(
                Field.required("stop", as: AppAction.self, "how it is stopped"),
                Field.required("start", as: AppAction.self, "how it is started"),
                Field.required("healthy", as: AppAction.self, "how it says that it is well"),
                Field.maybe("running", as: AppAction.self, "how to tell that it runs at all; by `healthy` when left out"))
        ) { .told(AppActions(stop: $0, start: $1, healthy: $2, running: $3)) },
        .mapping(
            Fields(
                Field.required("container", as: ContainerName.self, "the container that it is, stopped and started by the engine's API"),
                Field.maybe("healthy", as: AppAction.self, healthyDoc))
        ) { .contained(AppContainment(.named([$0]), healthy: $1)) },
        .mapping(
            Fields(
                Field.required(
                    "containers", as: [ContainerName].self, limit: .atLeast(1),
                    "the containers that it is; stopped in this order, started in the opposite one"),
                Field.maybe("healthy", as: AppAction.self, healthyDoc))
        ) { .contained(AppContainment(.named($0), healthy: $1)) },
        .mapping(
            Fields(
                Field.required("compose", as: Name.self, "the project of Docker Compose that it belongs to"),
                Field.required(
                    "services", as: [Name].self, limit: .atLeast(1),
                    "its services that are the application (not its database); stopped in this order, started in the opposite one"),
                Field.maybe("healthy", as: AppAction.self, healthyDoc))
        ) { .contained(AppContainment(.services($1.map(\.text), ofProject: $0.text), healthy: $2)) })

    private static let healthyDoc =
        "how it says that it is well; when left out, the health check of each container counts, and where there is none, that it runs"

    /// The programs of this machine that it needs.
    package var programs: [String] {
        let actions: [AppAction?] =
            switch self {
            case .told(let actions): [actions.stop, actions.start, actions.healthy, actions.running]
            case .contained(let contained): [contained.healthy]
            }
        return actions.compactMap { if case .command(let words)? = $0 { words[0] } else { nil } }
    }
}

/// How something is done to an application: a command, or a request.
package enum AppAction: Union {
    case command([String])
    case http(String)

    package static let variants = OneOf<AppAction>(
        .key("command", as: [String].self, limit: .atLeast(1), "program and arguments; status 0 means yes") { .command($0) },
        .key("http", as: String.self, limit: .notEmpty, "address; a 2xx answer means yes (stop and start are POST, checks are GET)") {
            .http($0)
        })
}

package struct AppActions: Sendable {
    package let stop: AppAction
    package let start: AppAction
    package let healthy: AppAction
    package let running: AppAction?
}

/// The containers that an application is, in the order in which they are stopped.
package struct AppContainment: Sendable {
    package enum Which: Sendable, Equatable {
        case named([ContainerName])
        case services([String], ofProject: String)
    }

    package let which: Which
    package let healthy: AppAction?

    package init(_ which: Which, healthy: AppAction?) {
        self.which = which
        self.healthy = healthy
    }
}

/// A container's name, or its id.
package struct ContainerName: ScalarValue, Hashable, CustomStringConvertible {
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        guard text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.-]+/) != nil else {
            throw Mistake(
                "\(text.quoted) is not the name of a container",
                hint: "two or more letters, digits, '-', '_' and '.'; the first is a letter or digit")
        }
        self.text = text
    }

    private init(sample: String) { text = sample }

    package static var form: String { "the name of a container" }
    package static var placeholder: ContainerName { ContainerName(sample: "sample") }
    package static var scalarSchema: JSONSchema { .text.adding([.init("pattern", "^[A-Za-z0-9][A-Za-z0-9_.-]+$")]) }
    package var canonical: String { text }
    package var description: String { text }
}
