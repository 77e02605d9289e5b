import Recovery
import Testing

@Suite struct IdentifierTests {
    private let both: Set<Identifier.Kind> = [.number, .uuid]
    private let uuid = "550e8400-e29b-41d4-a716-446655440000"

    @Test func aTextStandsForTheNumberThatIsWrittenLikeThat() {
        #expect(Identifier.text("4711").form(in: both) == .number(4711))
        #expect(Identifier.text("18446744073709551615").form(in: both) == .number(18_446_744_073_709_551_615))
        #expect(Identifier.text("-5").form(in: both) == .number(-5))
        for other in ["04711", "+4711", "4711 ", "4711.0", "-0", ""] {
            #expect(Identifier.text(other).form(in: both) == nil, "\(other)")
        }
    }

    @Test func aTextStandsForTheUUIDInEachOfItsForms() throws {
        let value = try #require(UUIDText.value(of: uuid))
        for form in [uuid, uuid.uppercased(), uuid.replacing("-", with: ""), "urn:uuid:\(uuid)", "{\(uuid)}"] {
            #expect(Identifier.text(form).form(in: both) == .uuid(value), "\(form)")
        }
        #expect(Identifier.uuid(value).form(in: [.text]) == .text(uuid))
    }

    @Test func whatCannotBeThereHasNoForm() throws {
        #expect(Identifier.number(7).form(in: [.uuid]) == nil)
        #expect(Identifier.uuid(7).form(in: [.number]) == nil)
        #expect(Identifier.text("n/a").form(in: both) == nil)
        #expect(!Identifier.areComparable([.number], [.uuid]))
        #expect(Identifier.areComparable([.number], [.number, .uuid]))
        #expect(Identifier.areComparable([.text], [.uuid]))
        #expect(Identifier.areComparable([.uuid], [.text]))
    }

    @Test func aTextThatMayBeATextIsLeftOne() { #expect(Identifier.text("7").form(in: [.number, .text]) == .text("7")) }

    /// To Swift both are `é`; to a store they are two names.
    @Test func textsAreEqualByteByByte() {
        #expect(Identifier.text("\u{e9}") != .text("e\u{301}"))
        #expect(Set([Identifier.text("\u{e9}"), .text("e\u{301}")]).count == 2)
    }
}
