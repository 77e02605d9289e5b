import Bindings
import Testing

@testable import Documents

struct DropDatabase: DocumentMapping, Equatable {
    static let fields = Fields(
        Field.required("database", as: String.self, limit: .notEmpty, "name of the database to drop"),
        Field.optional("timeout", as: Duration.self, default: .seconds(60), limit: .positive, "how long it may take"),
        Field.maybe("refill", as: Name.self, literal: true, "role of the backup that fills it again"))

    let database: String
    let timeout: Duration
    let refill: Name?

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (database, timeout, refill) = try Self.fields.read(node, reading)
    }
}

@Suite struct FieldsTests {
    @Test func fieldsAreReadInTheOrderOfTheirDeclaration() throws {
        let step = try read("refill: dump\ndatabase: orders\ntimeout: 2h\n", as: DropDatabase.self)
        #expect(step.database == "orders")
        #expect(step.timeout == .seconds(7200))
        #expect(step.refill?.text == "dump")
    }

    @Test func anAbsentFieldIsItsDefault() throws {
        let step = try read("database: orders\n", as: DropDatabase.self)
        #expect(step.timeout == .seconds(60))
        #expect(step.refill == nil)
    }

    @Test func everyMistakeIsReportedAtOnceInTheOrderOfTheFile() {
        let text = "databse: orders\ntimeout: 10m\nrefill: ${input.x}\nrefill: dump\nengine: postgres\n"
        #expect(
            complaints(about: text, as: DropDatabase.self) == """
                x.yaml:1:1: unknown key 'databse'
                    databse: orders
                    ^~~~~~~
                    hint: did you mean 'database'?
                x.yaml:2:10: '10m' is not a duration
                    timeout: 10m
                             ^~~
                    hint: write min for minutes: 10min
                x.yaml:3:9: ${input.x} cannot stand here
                    refill: ${input.x}
                            ^~~~~~~~~~
                    hint: write the value itself; this one decides what the document means
                x.yaml:4:1: key 'refill' appears twice; first on line 3
                    refill: dump
                    ^~~~~~
                x.yaml:5:1: unknown key 'engine'
                    engine: postgres
                    ^~~~~~
                    hint: known: database, timeout, refill
                """)
    }

    @Test func aMissingKeyIsExplained() {
        #expect(
            complaints(about: "timeout: 1h\n", as: DropDatabase.self) == """
                x.yaml:1:1: missing key 'database'
                    timeout: 1h
                    ^
                    hint: database: name of the database to drop
                """)
    }

    @Test func aLimitIsExplained() {
        #expect(
            complaints(about: "database: ''\ntimeout: 0s\n", as: DropDatabase.self) == """
                x.yaml:1:11: 'database' has to be some text, not empty, found ''
                    database: ''
                              ^~
                x.yaml:2:10: 'timeout' has to be longer than zero, found '0s'
                    timeout: 0s
                             ^~
                """)
    }
}
