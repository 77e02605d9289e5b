import Environments
import Outlets
import Recovery

/// Gets the images of the servers that drills start, before anybody needs them; also to and from files, for sites without a registry.
struct ImagesCommand: Command {
    static let name = "images"
    static let usage = "[list] DRILL… | pull DRILL… | save DRILL… --file FILE | load FILE [DRILL…]"
    static let summary = "list or pull the container images that drills need; save them into a file, load them from one"
    static let options = [CommandOption("--file FILE", "the archive that `save` writes and `load` reads, as `docker save` makes them")]

    private enum Verb {
        case list
        case pull
        case save(to: String)
        case load(from: String)
    }

    private let verb: Verb
    private let drills: [String]

    init(_ arguments: inout Arguments) throws(Failure) {
        let file = try arguments.option("--file")
        var words: [String] = []
        while let word = arguments.word() { words.append(word) }
        let known = ["list", "pull", "save", "load"]
        let named = words.first.flatMap { known.contains($0) ? $0 : nil }
        if named != nil { words.removeFirst() }
        switch named ?? "list" {
        case "pull": verb = .pull
        case "save":
            guard let file else { throw Failure(.usage, "--file FILE is missing", hint: "it names the file that the images go into") }
            verb = .save(to: file)
        case "load":
            guard let source = file ?? words.first else { throw Failure(.usage, "the file to load is missing") }
            if file == nil { words.removeFirst() }
            verb = .load(from: source)
        default: verb = .list
        }
        drills = words
        switch verb {
        case .load: return
        case .list, .pull:
            guard file == nil else { throw Failure(.usage, "--file is for save and load") }
        case .save: break
        }
        guard !drills.isEmpty else { throw Failure(.usage, "the path of a drill is missing") }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let servers = try await services.servers(of: drills)
        let containers = services.containers
        return try await services.interruption.cancelling {
            switch verb {
            case .list:
                let images = try await containers.images(of: servers)
                show(images, output)
                try output.show(json: .images, ["images": images])
            case .pull:
                let images = try await containers.pullImages(of: servers)
                show(images, output)
                try output.show(json: .images, ["images": images])
            case .save(let file):
                let bytes = try await containers.saveImages(of: servers, to: file)
                output.show("\(file): \(Readable.bytes(bytes))")
                try output.show(json: .images, ["images": try await containers.images(of: servers), "file": file, "bytes": bytes])
            case .load(let file):
                let names = try await containers.loadImages(from: file)
                for name in names { output.show("loaded \(name)") }
                let images = try await containers.images(of: servers)
                if !images.isEmpty { show(images, output) }
                try output.show(json: .images, ["images": images, "loaded": names])
                // Somebody who names drills wants to know whether they can run now.
                guard let missing = images.first(where: { !$0.isThere }) else { return 0 }
                throw Failure(
                    .environmentUnavailable, "\(file) does not bring the image \(missing.image), which '\(missing.servers[0])' needs",
                    hint: "save it where it is: lifeboat images save DRILL --file FILE, with the same configuration")
            }
            return 0
        }
    }

    private func show(_ images: [ServerImage], _ output: Output) {
        if images.isEmpty { output.show("The drills start no servers.") }
        for image in images {
            let state = image.isThere ? "\(Readable.bytes(image.bytes ?? 0))  \(image.digest ?? "no digest")" : "NOT THERE"
            output.show("\(image.image)  \(state)  for \(image.servers.joined(separator: ", "))")
        }
    }
}
