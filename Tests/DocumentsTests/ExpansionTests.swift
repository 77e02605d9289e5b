import Bindings
import Testing

@testable import Documents

@Suite struct ExpansionTests {
    private let values = Reading(namespaces: ["input"]) { _, name in
        switch name {
        case "database": .value("orders")
        case "limit": .value("2h")
        case "jobs": .value("3")
        case "evil": .value("x\nrefill: other\n- ${input.jobs}")
        case "later": .placeholder
        default: .unknown(candidates: ["database", "limit"])
        }
    }

    @Test(arguments: [
        ("${input.database}", "orders"), ("'${input.database}'", "orders"), ("a-${input.database}-${input.jobs}", "a-orders-3"),
        ("$${input.database}", "${input.database}"), ("$1 $ $$ {x}", "$1 $ $$ {x}"), ("$$${input.database}", "$${input.database}"),
        ("at ${input.later}", "at ${input.later}"), ("$${${input.jobs}}", "${3}"),
    ])
    func textMayEmbedExpansions(text: String, expanded: String) throws { #expect(try read(text, as: String.self, values) == expanded) }

    @Test func aTypedValueIsOneExpansion() throws {
        #expect(try read("${input.limit}", as: Duration.self, values) == .seconds(7200))
        #expect(try read("'${input.jobs}'", as: Int.self, values) == 3)
        #expect(
            complaint(about: "1${input.jobs}", as: Int.self, values)
                == "expected a whole number, found '1${input.jobs}' (only text may hold ${…} among other characters; here it has to be the whole value)"
        )
    }

    @Test func theValueIsCheckedAfterItsExpansion() {
        #expect(complaint(about: "${input.database}", as: Int.self, values) == "expected a whole number, found 'orders'")
        #expect(complaint(about: "${input.evil}", as: Name.self, values)?.hasSuffix("the first is a letter or digit)") == true)
    }

    @Test func aValueCannotAddStructure() throws {
        let step = try read("database: ${input.evil}\n", as: DropDatabase.self, values)
        #expect(step.database == "x\nrefill: other\n- ${input.jobs}")
        #expect(step.refill == nil)
    }

    @Test func aValueThatIsNotKnownYetReadsAsAHarmlessSample() throws {
        let step = try read("database: ${input.later}\ntimeout: ${input.later}\n", as: DropDatabase.self, values)
        #expect(step.database == "")
        #expect(step.timeout == Duration.placeholder)
        #expect(try read("${input.later}", as: EngineName.self, values) == .postgres)
        #expect(complaints(about: "jobs: ${input.later}\nsample: x", as: SampleDocument.self, values) == nil)
    }

    @Test(arguments: [
        ("${input.databsae}", "${input.databsae} is not known (did you mean ${input.database}?)"),
        ("${input.zebra}", "${input.zebra} is not known (known: database, limit)"),
        ("${inptu.database}", "${inptu.database} refers to nothing (did you mean ${input.database}?)"),
        ("${env.HOME}", "${env.HOME} refers to nothing (this file knows ${input.…})"),
        ("${input.database", "'${' without '}' (close it, or write $${ for the characters ${)"),
        ("${}", "${} is not a reference (write ${namespace.name}, without spaces or anything else; $${ stands for the characters ${)"),
        (
            "${database}",
            "${database} is not a reference (write ${namespace.name}, without spaces or anything else; $${ stands for the characters ${)"
        ),
        (
            "${input.a:-b}",
            "${input.a:-b} is not a reference (write ${namespace.name}, without spaces or anything else; $${ stands for the characters ${)"
        ),
    ])
    func aReferenceThatCannotBeIsExplained(text: String, words: String) {
        #expect(complaint(about: "\"\(text)\"", as: String.self, values) == words)
    }

    @Test func nothingIsExpandedWhereNothingIsKnown() throws {
        #expect(
            complaint(about: "${input.database}", as: String.self)
                == "${input.database} cannot stand here (nothing is replaced in this file; write $${ for the characters ${)")
        #expect(try read("$${x}", as: String.self) == "${x}")
    }

    @Test func keysAndRawNodesAreNotExpanded() throws {
        #expect(
            complaint(about: "'${input.database}': 1", as: Keyed<String, Int>.self, values)
                == "${input.database} cannot stand here (write the value itself; this one decides what the document means)")
        #expect(try read("['${input.database}']", as: YAMLNode.self, values).json == ["${input.database}"])
    }
}
