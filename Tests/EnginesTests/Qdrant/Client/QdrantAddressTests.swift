import Bindings
import Recovery
import Testing

@testable import Engines

struct QdrantAddressTests {
    @Test(arguments: [
        ("http://localhost", "http://localhost:6333"), ("http://localhost:6400/", "http://localhost:6400"),
        ("https://q.example.com", "https://q.example.com:443"), ("HTTPS://q.example.com:6333", "https://q.example.com:6333"),
        ("http://[::1]", "http://[::1]:6333"), ("https://[fe80::1]:7000/", "https://[fe80::1]:7000"),
        ("http://10.0.0.1:1/behind/a%20proxy//", "http://10.0.0.1:1/behind/a%20proxy"), ("http://h:65535?ca=/x", "http://h:65535"),
        ("http://under_score:80", "http://under_score:80"),
    ])
    func whatAConfigurationWritesIsRead(_ url: String, _ base: String) throws {
        let address = try QdrantAddress.read(url, of: "vectors")
        #expect(QdrantServer.base(address) == base)
        #expect(address.user == nil && address.password == nil)
    }

    @Test func certificatesStandBehindTheQuestionMark() throws {
        let address = try QdrantAddress.read("https://h:6333/p?ca=/etc/a%20b.pem&cert=/c%2Bd.pem&key=/k.pem", of: "vectors")
        let tls = QdrantServer("vectors", at: address).tls
        #expect([tls.caFile, tls.certificate, tls.key] == ["/etc/a b.pem", "/c+d.pem", "/k.pem"])
        #expect(QdrantServer.base(address) == "https://h:6333/p")
    }

    @Test(arguments: [
        ("localhost:6333", "it has no scheme"), ("", "it has no scheme"), ("://x", "'' is no scheme of Qdrant's REST interface"),
        ("grpc://h:6334", "'grpc' is no scheme of Qdrant's REST interface"),
        ("file:///etc/passwd", "'file' is no scheme of Qdrant's REST interface"),
        ("http://", "it names no host"), ("http://:6333", "it names no host"), ("http:///x", "it names no host"),
        ("http://?ca=/x", "it names no host"),
        ("http://h:", "its port is not one"), ("http://h:0", "its port is not one"), ("http://h:65536", "its port is not one"),
        ("http://h:-1", "its port is not one"), ("http://h:+80", "its port is not one"), ("http://h:80x", "its port is not one"),
        ("http://h:99999999999999999999", "its port is not one"), ("http://[::1]:", "its port is not one"),
        ("http://[::1", "'[' is not closed"), ("http://[::1]x", "'x' stands behind the host"), ("http://[]", "'' is no IPv6 address"),
        ("http://[localhost]", "'localhost' is no IPv6 address"), ("http://[fe80::1%25eth0]", "'fe80::1%25eth0' is no IPv6 address"),
        ("http://::1:6333", "an IPv6 address stands in brackets"), ("http://::1", "an IPv6 address stands in brackets"),
        ("http://a%2eb", "'a%2eb' is no host"), ("http://a,b", "'a,b' is no host"), ("http://a\\b", "'a\\b' is no host"),
        ("http://h h", "it holds blanks, '#' or letters beyond ASCII"), ("http://h/#x", "it holds blanks, '#' or letters beyond ASCII"),
        ("http://größe", "it holds blanks, '#' or letters beyond ASCII"),
        ("http://h\r\nx: y", "it holds blanks, '#' or letters beyond ASCII"),
        ("http://h?api_key=s3cret", "'api_key' is nothing that a url of Qdrant takes"),
        ("http://h?ca", "'ca' is nothing that a url of Qdrant takes"), ("http://h?ca=", "'ca' is nothing that a url of Qdrant takes"),
        ("http://h?ca=%+1", "'ca' is nothing that a url of Qdrant takes"), ("http://h?ca=%f", "'ca' is nothing that a url of Qdrant takes"),
        ("http://h?ca=%ff", "'ca' is nothing that a url of Qdrant takes"),
    ])
    func whatIsNoAddressIsRefused(_ url: String, _ problem: String) {
        let failure = #expect(throws: Failure.self) { try QdrantAddress.read(url, of: "vectors") }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem == "the url of target 'vectors' cannot be understood: \(problem)")
        #expect(failure?.hint?.isEmpty == false)
    }

    @Test(arguments: ["http://user:s3cret@h", "http://s3cret@h:6333/x", "https://a@b@h"]) func aUserIsRefusedAndNotShown(_ url: String) {
        let failure = #expect(throws: Failure.self) { try QdrantAddress.read(url, of: "vectors") }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem == "the url of target 'vectors' holds a user: Qdrant knows keys only")
        #expect(failure?.description.contains("s3cret") == false)
    }
}

struct QdrantVersionTests {
    @Test(arguments: [
        ("1.18.3", "1.18.3", "1.18.3"), ("v1.16.3", "1.16.3", "1.16.3"), ("1.19", "1.19.0", "1.19.0"),
        ("1.19.0-dev", "1.19.0-dev", "1.19.0"), ("v1.18-dev", "1.18.0-dev", "1.18.0"),
        ("1.18.3-standin", "1.18.3-standin", "1.18.3"), ("10.0.1+x", "10.0.1+x", "10.0.1"),
    ])
    func versionsAreRead(_ text: String, _ description: String, _ numbers: String) throws {
        let version = try #require(QdrantVersion(text))
        #expect(version.description == description)
        #expect(version.numbers == numbers)
        #expect(version.minorNumbers == numbers.split(separator: ".").prefix(2).joined(separator: "."))
    }

    @Test(arguments: [
        "", "v", "1", "1.", ".1", "1..2", "1.2.", "1.2.3.4", "x1.2", "1.x", "99999999999999999999.1", "١.٢", "-1.2", " 1.2", "latest",
        "1.18.x",
    ])
    func whatIsNoVersionIsNone(_ text: String) { #expect(QdrantVersion(text) == nil) }

    @Test func versionsAreOrderedByTheirNumbers() throws {
        let texts = ["1.7.4", "1.16.3", "1.18.0", "1.18.3", "2.0"]
        let versions = try texts.map { try #require(QdrantVersion($0)) }
        #expect(versions.shuffled().sorted() == versions)
        #expect(
            versions[3].isAtLeast(1, 18) && versions[3].isAtLeast(1, 18, 3) && !versions[3].isAtLeast(1, 18, 4)
                && !versions[3].isAtLeast(2, 0))
    }
}
