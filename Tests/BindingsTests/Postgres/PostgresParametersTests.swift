import Bindings
import Testing

struct PostgresParametersTests {
    @Test(arguments: [
        "postgres://app:s%40crit@db.internal:6543/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3",
        "postgresql://app:s%40crit@db.internal:6543/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3",
        "host=db.internal port=6543 user=app password='s@crit' dbname=shop sslmode=verify-full sslrootcert=/etc/ca.pem connect_timeout=3",
    ]) func bothFormsSayTheSame(_ text: String) throws {
        let parameters = try PostgresParameters(parsing: text)
        #expect(
            parameters
                == PostgresParameters(
                    host: "db.internal", port: 6543, user: "app", password: "s@crit", database: "shop", sslMode: .verifyFull,
                    sslRootCert: "/etc/ca.pem", connectTimeout: .seconds(3)))
        #expect(parameters.hasPassword)
    }

    @Test func aPasswordPrintsNowhere() throws {
        let parameters = try PostgresParameters(parsing: "postgres://app:s3cret@db/shop")
        var dumped = ""
        dump(parameters, to: &dumped)
        #expect("\(parameters)" == "app@db:5432/shop")
        for text in ["\(parameters)", String(reflecting: parameters), dumped, "\(Optional(parameters) as Any)"] {
            #expect(!text.contains("s3cret"))
        }
    }

    @Test(arguments: [
        ("postgres:///shop?user=app", "the connection string names no host"),
        ("postgres://db/shop", "the connection string names no user"),
        ("postgres://app@db", "the connection string names no database"),
        ("postgres://app@a,b/shop", "the connection string names several hosts; name the one server to act on"),
        ("postgres://app@db:0/shop", "'port' in the connection string is not between 1 and 65535: 0"),
        ("host=db port=x user=a dbname=b", "'port' in the connection string is not a number: x"),
        (
            "postgres://app@db/shop?sslmode=verify_full",
            "'sslmode' in the connection string is none of disable, allow, prefer, require, verify-ca, verify-full: verify_full"
        ),
        ("postgres://app@db/shop?service=main", "'service' is not supported in a connection string here"),
        (
            "host=db sslmod=require",
            "the connection string cannot be read: invalid connection option \"sslmod\""
        ),
        (
            "postgres://app:s%3cret%@db/shop",
            "the connection string cannot be read: invalid percent-encoded token: \"…\""
        ),
        (
            "host=db password=my secret user=app",
            "the connection string cannot be read: missing \"…\" in connection info string"
        ),
        ("host=db\0 user=app", "the connection string contains a NUL byte"),
    ]) func whatCannotBeReadIsExplainedWithoutThePassword(_ text: String, _ words: String) {
        #expect(throws: PostgresError(.invalidInput, words)) { try PostgresParameters(parsing: text) }
    }
}
