import Bindings
import Documents
import FoundationEssentials
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// With a real container engine, and a registry on loopback. Images are made on the spot; afterwards the engine has none of them.
@Suite(.timeLimit(.minutes(2)), .requires(TestDocker.missingEngine), .requires(TestRegistry.missing)) struct RealImagesTests {
    // MARK: pulling

    @Test func aPullBringsWhatTheRegistryHas() async throws {
        try await withWorkshop { shop in
            let name = try await shop.published("one", tag: "1", content: "first")
            let said = Mutex<[String]>([])
            let image = try await shop.images.ensure(name, pull: .missing) { line in said.withLock { $0.append(line) } }
            #expect(image.reference == name.description)
            #expect(image.id.hasPrefix("sha256:"))
            #expect(image.digest?.hasPrefix("sha256:") == true)
            #expect(image.volumes == ["/data/a", "/data/b"])
            #expect(image.exposedPorts == ["5432/tcp"])
            #expect(image.user == "1000")
            #expect(image.bytes > 0)
            let lines = said.withLock { $0 }
            #expect(lines.first == "pulling \(name.short)")
            #expect(lines.last == "pulled \(name.short): \(ByteSize(image.bytes)), \(image.digest ?? "")")
            // Now it is there.
            #expect(try await shop.images.ensure(name, pull: .never) { _ in Issue.record("nothing is pulled") } == image)
        }
    }

    @Test func alwaysBringsWhatATagMeansByNowAndMissingDoesNot() async throws {
        try await withWorkshop { shop in
            let name = try await shop.published("moving", tag: "1", content: "old")
            let old = try await shop.images.ensure(name, pull: .missing, say: { _ in })
            // Elsewhere, somebody publishes another one under that name.
            try await shop.publishElsewhere(name, content: "new", keeping: old)
            #expect(try await shop.images.ensure(name, pull: .missing, say: { _ in }).id == old.id)
            let new = try await shop.images.ensure(name, pull: .always, say: { _ in })
            #expect(new.id != old.id)
            #expect(new.digest != old.digest)
        }
    }

    @Test func aPinHoldsTheImageWhateverItsTagMeans() async throws {
        try await withWorkshop { shop in
            let name = try await shop.published("pinned", tag: "1", content: "old")
            let old = try await shop.images.ensure(name, pull: .missing, say: { _ in })
            try await shop.publishElsewhere(name, content: "new", keeping: nil)
            let pinned = try ImageName("\(name)@\(try #require(old.digest))")
            let again = try await shop.images.ensure(pinned, pull: .missing, say: { _ in })
            #expect(again.id == old.id)
            #expect(again.digest == old.digest)
            #expect(again.reference == "\(name.place)@\(old.digest ?? "")")
        }
    }

    @Test func aPinThatTheRegistryDoesNotHaveIsRefused() async throws {
        try await withWorkshop { shop in
            let name = try await shop.published("pinned", tag: "1", content: "x")
            let image = try await shop.images.ensure(name, pull: .missing, say: { _ in })
            let wrong = "sha256:" + String(repeating: "0", count: 64)
            let failure = await #expect(throws: Failure.self) {
                try await shop.images.ensure(ImageName("\(name)@\(wrong)"), pull: .missing, say: { _ in })
            }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(
                failure?.problem
                    == "cannot pull the image \(name)@\(wrong): \(name.registry) has \(name.repository), but not with this digest")
            let never = await #expect(throws: Failure.self) {
                try await shop.images.ensure(ImageName("\(name)@\(wrong)"), pull: .never, say: { _ in })
            }
            #expect(
                never?.problem == "the container engine has \(name) as \(image.digest ?? ""), and not as \(wrong), which is pinned")
        }
    }

    // MARK: failures

    @Test func whatTheRegistryDoesNotHaveIsSaid() async throws {
        try await withWorkshop { shop in
            let name = try await shop.published("one", tag: "1", content: "x")
            let tag = await #expect(throws: Failure.self) {
                try await shop.images.ensure(ImageName("\(name.place):2"), pull: .missing, say: { _ in })
            }
            #expect(tag?.kind == .environmentUnavailable)
            #expect(tag?.problem == "cannot pull the image \(name.place):2: \(name.registry) has no '2' of \(name.repository)")
            let repository = await #expect(throws: Failure.self) {
                try await shop.images.ensure(ImageName("\(name.place)-lost:1"), pull: .always, say: { _ in })
            }
            #expect(repository?.problem.hasPrefix("cannot pull the image \(name.place)-lost:1: \(name.registry) has no ") == true)
            let never = await #expect(throws: Failure.self) {
                try await shop.images.ensure(ImageName("\(name.place):2"), pull: .never, say: { _ in })
            }
            #expect(never?.problem.hasSuffix("does not have the image \(name.place):2, and is not to pull any") == true)
        }
    }

    @Test func aRegistryThatIsDownIsSaid() async throws {
        try await withWorkshop { shop in
            let name = try await shop.published("one", tag: "1", content: "x")
            await shop.registry.stop()
            let failure = await #expect(throws: Failure.self) { try await shop.images.ensure(name, pull: .missing, say: { _ in }) }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "cannot pull the image \(name): the container engine does not reach \(name.registry)")
            #expect(failure?.causes.first?.contains("refused") == true)
        }
    }

    @Test func aRegistryThatWantsALoginGetsTheOneThatIsKept() async throws {
        try await withWorkshop(login: true) { shop in
            let name = try await shop.published("secret", tag: "1", content: "x")
            let image = try await shop.images.ensure(name, pull: .missing, say: { _ in })
            #expect(image.digest != nil)
            try await shop.forget(name)

            let stranger = try shop.images(login: nil)
            let without = await #expect(throws: Failure.self) { try await stranger.ensure(name, pull: .missing, say: { _ in }) }
            #expect(without?.kind == .credentials)
            #expect(without?.problem == "cannot pull the image \(name): \(name.registry) wants a login, and there is none")
            #expect(without?.hint == "log in as the account that runs lifeboat: docker login \(name.registry)")

            let mistaken = try shop.images(login: "\(TestRegistry.user):wrong-password")
            let wrong = await #expect(throws: Failure.self) { try await mistaken.ensure(name, pull: .missing, say: { _ in }) }
            #expect(wrong?.kind == .credentials)
            #expect(wrong?.problem == "cannot pull the image \(name): \(name.registry) refuses our login")
            #expect(wrong?.description.contains("wrong-password") == false)
        }
    }

    @Test func cancellingEndsAPull() async throws {
        // A registry that never answers.
        let silent = try RawServer()
        let engine = try await TestEngine.connect()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let images = DockerImages(engine: engine, logins: TestEngine.noLogins, time: RealTime())
        let pulling = Task {
            try await images.ensure(ImageName("127.0.0.1:\(silent.port)/x:1"), pull: .missing) { _ in begin.yield() }
        }
        for await _ in begun { break }
        pulling.cancel()
        await #expect(throws: CancellationError.self) { try await pulling.value }
        silent.stop()
    }

    // MARK: files

    @Test func imagesGoIntoAFileAndComeBack() async throws {
        try await withWorkshop { shop in
            let one = try await shop.published("one", tag: "1", content: "first")
            let two = try await shop.published("two", tag: "2", content: "second")
            let before = [
                try await shop.images.ensure(one, pull: .missing, say: { _ in }),
                try await shop.images.ensure(two, pull: .missing, say: { _ in }),
            ]
            let file = "\(shop.folder)/images.tar"
            #expect(try await shop.images.save([one, two], to: file, by: .us) == (try Files.status(of: file))?.bytes)
            try await shop.forget(one)
            try await shop.forget(two)
            await shop.registry.stop()

            #expect(try await shop.images.load(from: file).sorted() == ["\(one)", "\(two)"])
            for (name, image) in zip([one, two], before) {
                #expect(try await shop.images.ensure(name, pull: .never, say: { _ in }).id == image.id)
            }
            let again = await #expect(throws: Failure.self) { try await shop.images.save([one], to: file, by: .us) }
            #expect(again?.kind == .localStorage)
        }
    }

    @Test func aFileThatIsNoArchiveIsRefused() async throws {
        try await withWorkshop { shop in
            let file = "\(shop.folder)/images.tar"
            try await write(Array(repeating: UInt8(ascii: "x"), count: 10_000), to: file)
            let failure = await #expect(throws: Failure.self) { try await shop.images.load(from: file) }
            #expect(failure?.kind == .environmentUnavailable)
            #expect(failure?.problem == "cannot load images out of \(file): the container engine makes nothing of it")
            #expect(failure?.causes.isEmpty == false)
        }
    }
}
