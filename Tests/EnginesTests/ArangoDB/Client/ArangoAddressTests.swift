import Bindings
import Recovery
import Testing

@testable import Engines

struct ArangoAddressTests {
    @Test(arguments: [
        ("http://localhost", "http://localhost:8529", nil as String?), ("https://a.example.com/", "https://a.example.com:8529", nil),
        ("HTTPS://a.example.com:443/app", "https://a.example.com:443", "app"), ("tcp://h:1/_db/app", "http://h:1", "app"),
        ("ssl://h", "https://h:8529", nil), ("http+tcp://h", "http://h:8529", nil), ("http+ssl://h/app//", "https://h:8529", "app"),
        ("http://[::1]/app", "http://[::1]:8529", "app"), ("http://h/behind/a%20proxy/_db/app", "http://h:8529/behind/a%20proxy", "app"),
        ("http://h/gr%C3%B6%C3%9Fe%202", "http://h:8529", "größe 2"), ("http://h?database=app", "http://h:8529", "app"),
        ("http://h/_system", "http://h:8529", "_system"),
    ])
    func whatAConfigurationWritesIsRead(_ url: String, _ base: String, _ database: String?) throws {
        let address = try ArangoAddress.read(url, of: "graph")
        let server = ArangoServer("graph", at: address)
        #expect(server.base == base)
        #expect(server.database == database)
        #expect(server.user == "root")
        #expect(server.socket == nil)
        #expect(address.password == nil)
    }

    @Test(arguments: [
        ("unix:///run/arangodb3/a.sock", "/run/arangodb3/a.sock", nil as String?, "root"),
        ("http+unix:///run/a%20b.sock?database=app&user=admin%40x", "/run/a b.sock", "app", "admin@x"),
    ])
    func socketsAreRead(_ url: String, _ socket: String, _ database: String?, _ user: String) throws {
        let address = try ArangoAddress.read(url, of: "graph")
        let server = ArangoServer("graph", at: address)
        #expect(server.socket == socket)
        #expect(server.base == "http://localhost")
        #expect(server.words == "'graph' (\(socket))")
        #expect(server.database == database)
        #expect(server.user == user)
    }

    @Test func aUserMayStandInFrontAndCertificatesBehind() throws {
        let address = try ArangoAddress.read(
            "https://admin%40x@h/app?ca=/etc/a%20b.pem&cert=/c%2Bd.pem&key=/k.pem&auth=jwt", of: "graph")
        let server = ArangoServer("graph", at: address)
        #expect(server.user == "admin@x")
        #expect(server.asksForToken)
        #expect([server.tls.caFile, server.tls.certificate, server.tls.key] == ["/etc/a b.pem", "/c+d.pem", "/k.pem"])
        #expect(try !ArangoServer("graph", at: ArangoAddress.read("http://h?auth=basic", of: "graph")).asksForToken)
    }

    @Test(arguments: [
        ("localhost:8529", "it has no scheme"), ("", "it has no scheme"), ("ftp://h", "'ftp' is no scheme of ArangoDB's interface"),
        ("vst://h", "'vst' is no scheme of ArangoDB's interface"), ("http://", "it names no host"), ("http://:8529", "it names no host"),
        ("http:///app", "it names no host"), ("http://h:0", "its port is not one"), ("http://h:65536", "its port is not one"),
        ("http://h:80x", "its port is not one"), ("http://[::1", "'[' is not closed"), ("http://::1", "an IPv6 address stands in brackets"),
        ("http://a%2eb", "'a%2eb' is no host"), ("http://h h", "it holds blanks, '#' or letters beyond ASCII"),
        ("http://h/größe", "it holds blanks, '#' or letters beyond ASCII"), ("http://h/#x", "it holds blanks, '#' or letters beyond ASCII"),
        ("http://@h", "its user is none"), ("http://%ff@h", "its user is none"), ("unix://", "it names no socket"),
        ("unix://run/a.sock", "it names no socket"), ("unix:///", "it names no socket"), ("http://h/a/b", "'/a/b' names no database"),
        ("http://h/_db/a/b", "'/_db/a/b' names no database"), ("http://h/%ff", "'/%ff' names no database"),
        ("http://h/a%3Ab", "'a:b' cannot be a database: it holds ':'"), ("http://h/_db/a%2Fb", "'a/b' cannot be a database: it holds '/'"),
        ("http://h/7up", "'7up' cannot be a database: it begins with a digit, as only ids do"),
        ("http://h?database=", "'database' is nothing that a url of ArangoDB takes, or has a value that it does not"),
        ("http://h?password=s3cret", "'password' is nothing that a url of ArangoDB takes, or has a value that it does not"),
        ("http://h?auth=none", "'auth' is nothing that a url of ArangoDB takes, or has a value that it does not"),
        ("http://h?ca=%f", "'ca' is nothing that a url of ArangoDB takes, or has a value that it does not"),
    ])
    func whatIsNoAddressIsRefused(_ url: String, _ problem: String) {
        let failure = #expect(throws: Failure.self) { try ArangoAddress.read(url, of: "graph") }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem == "the url of target 'graph' cannot be understood: \(problem)")
        #expect(failure?.hint?.isEmpty == false)
        #expect(failure?.description.contains("s3cret") == false)
    }

    @Test(arguments: ["http://user:s3cret@h", "https://:s3cret@h/app", "http://a:b:s3cret@h"])
    func aPasswordIsRefusedAndNotShown(_ url: String) {
        let failure = #expect(throws: Failure.self) { try ArangoAddress.read(url, of: "graph") }
        #expect(failure?.kind == .configuration)
        #expect(failure?.problem == "the url of target 'graph' holds a password")
        #expect(failure?.description.contains("s3cret") == false)
    }
}

struct ArangoVersionTests {
    @Test(arguments: [
        ("3.12.10", "3.12.10", "3.12.10"), ("3.12.4-2", "3.12.4-2", "3.12.4"), ("3.13.0-devel", "3.13.0-devel", "3.13.0"),
        ("4.0", "4.0.0", "4.0.0"), ("3.12.0-nightly.20240305", "3.12.0-nightly.20240305", "3.12.0"),
    ])
    func versionsAreRead(_ text: String, _ description: String, _ numbers: String) throws {
        let version = try #require(ArangoVersion(text))
        #expect(version.description == description)
        #expect(version.numbers == numbers)
    }

    @Test(arguments: ["", "v3", "3", "3.", ".1", "3..2", "3.12.", "1.2.3.4", "x1.2", "99999999999999999999.1", " 3.12", "latest"])
    func whatIsNoVersionIsNone(_ text: String) { #expect(ArangoVersion(text) == nil) }

    @Test func versionsAreOrderedByTheirNumbers() throws {
        let texts = ["3.6.2", "3.10.14", "3.11.2", "3.12.4", "3.12.10", "4.0"]
        let versions = try texts.map { try #require(ArangoVersion($0)) }
        #expect(versions.shuffled().sorted() == versions)
    }
}
