import Recovery
import Testing

@testable import Environments

@Suite struct ImageNameTests {
    private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    @Test(arguments: [
        ("postgres", "docker.io/library/postgres:latest", "postgres:latest"),
        ("postgres:16", "docker.io/library/postgres:16", "postgres:16"),
        ("docker.io/postgres:16", "docker.io/library/postgres:16", "postgres:16"),
        ("index.docker.io/library/postgres:16", "docker.io/library/postgres:16", "postgres:16"),
        ("pgvector/pgvector:pg16", "docker.io/pgvector/pgvector:pg16", "pgvector/pgvector:pg16"),
        ("registry.local:5000/a/b:tag", "registry.local:5000/a/b:tag", "registry.local:5000/a/b:tag"),
        ("registry.local:5000/a", "registry.local:5000/a:latest", "registry.local:5000/a:latest"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest"),
        ("my_team/a__b.c-d--e:V1_2.3-x", "docker.io/my_team/a__b.c-d--e:V1_2.3-x", "my_team/a__b.c-d--e:V1_2.3-x"),
    ])
    func namesHaveOneFullForm(text: String, full: String, short: String) throws {
        let name = try ImageName(text)
        #expect(name.description == full)
        #expect(name.reference == full)
        #expect(name.short == short)
        #expect(try ImageName(full) == name)
        #expect(try ImageName(short) == name)
    }

    @Test func aDigestDecidesAndTheTagIsForPeople() throws {
        let both = try ImageName("registry.local:5000/a/b:tag@\(Self.digest)")
        #expect(both.registry == "registry.local:5000")
        #expect(both.repository == "a/b")
        #expect(both.tag == "tag")
        #expect(both.digest == Self.digest)
        #expect(both.description == "registry.local:5000/a/b:tag@\(Self.digest)")
        #expect(both.reference == "registry.local:5000/a/b@\(Self.digest)")
        let alone = try ImageName("postgres@\(Self.digest)")
        #expect(alone.tag == nil)
        #expect(alone.reference == "docker.io/library/postgres@\(Self.digest)")
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("https://docker.io/postgres", "an image has no scheme"),
        ("Postgres:16", "it has capital letters"),
        ("postgres:", "its tag '' is not made of letters, digits and _.-"),
        ("postgres:-16", "its tag '-16' is not made of letters, digits and _.-"),
        ("postgres:16 ", "its tag '16 ' is not made of letters, digits and _.-"),
        ("postgres 16", "'postgres 16' is not made of letters and digits with ._- between"),
        ("a//b", "a part of it is empty"),
        ("/postgres", "a part of it is empty"),
        ("postgres/", "a part of it is empty"),
        ("a/-b", "'-b' is not made of letters and digits with ._- between"),
        ("a/b..c", "'b..c' is not made of letters and digits with ._- between"),
        ("registry.local:x/b", "'registry.local:x' is no address of a registry"),
        ("-registry.local/b", "'-registry.local' is no address of a registry"),
        ("postgres@sha256:123", "the digest behind @ is not sha256: and 64 digits from 0 to f"),
        ("postgres@\(digest)@\(digest)", "it has more than one @"),
        (String(repeating: "a1", count: 32), "it is the id of one"),
        (String(repeating: "x", count: 255), "it is longer than 255 letters"),
    ])
    func whatIsNoNameIsRefusedWithWords(text: String, why: String) {
        let failure = #expect(throws: Failure.self) { try ImageName(text) }
        #expect(failure?.kind == .document)
        #expect(failure?.problem.hasSuffix("is no name of an image: \(why)") == true, "\(failure?.problem ?? "")")
        #expect(failure?.hint != nil)
    }

    @Test func capitalLettersAreOfferedAsSmallOnes() {
        let failure = #expect(throws: Failure.self) { try ImageName("Team/Postgres:PG16") }
        #expect(failure?.problem == "'Team/Postgres:PG16' is no name of an image: it has capital letters")
        #expect(failure?.hint == "write 'team/postgres:PG16'")
    }

    @Test(arguments: [
        ("postgres:16", "mirror.local:5000/hub", "mirror.local:5000/hub/library/postgres:16"),
        ("postgres:16", "mirror.local:5000/hub/", "mirror.local:5000/hub/library/postgres:16"),
        ("pgvector/pgvector:pg16", "mirror.local", "mirror.local/pgvector/pgvector:pg16"),
        ("postgres@\(digest)", "localhost", "localhost/library/postgres@\(digest)"),
        ("quay.io/a/b:1", "mirror.local:5000/hub", "quay.io/a/b:1"),
        ("localhost/x", "mirror.local:5000/hub", "localhost/x:latest"),
    ])
    func aMirrorHoldsWhatIsOnDockerHubOnly(text: String, prefix: String, expected: String) throws {
        #expect(try ImageName(text).mirrored(through: prefix).description == expected)
    }

    @Test(arguments: [
        ("hub", "it does not begin with a registry"),
        ("", "it does not begin with a registry"),
        ("https://mirror.local", "it does not begin with a registry"),
        ("mirror.local//hub", "'mirror.local//hub/library/postgres' is no name of an image: a part of it is empty"),
    ])
    func aPrefixThatIsNoMirrorIsAMistakeInTheConfiguration(prefix: String, why: String) throws {
        let name = try ImageName("postgres:16")
        let failure = #expect(throws: Failure.self) { try name.mirrored(through: prefix) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem == "'\(prefix)' cannot stand before the names of images: \(why)")
    }
}
