import Testing

@testable import Engines

struct PostgresNameTests {
    @Test(arguments: [
        ("public.books", ["public", "books"]), (#""A ""b"""."c.d""#, ["A \"b\"", "c.d"]), (#""""""#, ["\""]),
        ("a.\"\n\".c", ["a", "\n", "c"]),
        (#"s."Tab'le ""x"".y""#, ["s", "Tab'le \"x\".y"]),
    ])
    func aQuotedNameComesApartIntoWhatItNames(_ quoted: String, _ parts: [String]) {
        #expect(PostgresName.parts(quoted) == parts)
    }
}

struct GlobTests {
    @Test(arguments: [
        ("*", "anything"), ("public.*", "public.books"), ("*books", "public.books"), ("p*.b*s", "public.books"), ("a*a", "aa"),
        ("a**b", "axb"),
        ("public.books", "public.books"), ("*a*b*", "xaxbx"),
    ])
    func aPatternMatches(_ pattern: String, _ name: String) {
        #expect(Glob(pattern).matches(name))
    }

    @Test(arguments: [
        ("public.books", "public.books2"), ("a*a", "a"), ("*books", "public.books2"), ("", "x"), ("a*b*c", "acb"),
        ("public.*", "shop.books"),
    ])
    func aPatternDoesNotMatch(_ pattern: String, _ name: String) {
        #expect(!Glob(pattern).matches(name))
    }
}

struct DefinitionTextTests {
    @Test func anArrayThatIsCastAsAWholeEqualsOneWhoseElementsAre() {
        let before = "CHECK (((status)::text = ANY ((ARRAY['new'::character varying, 'a, ''b\" or ]'::character varying])::text[])))"
        let after = "CHECK (((status)::text = ANY (ARRAY[('new'::character varying)::text, ('a, ''b\" or ]'::character varying)::text])))"
        #expect(DefinitionText.normalized(before) == after)
        #expect(DefinitionText.normalized(after) == after)
    }

    @Test(arguments: ["(ARRAY[1, 2])", "(ARRAY['unclosed", "(ARRAY[1])::text", "x = ANY (ARRAY[f(1, 2), (3)])", ""])
    func whatIsNoSuchCastStaysAsItIs(_ text: String) {
        #expect(DefinitionText.normalized(text) == text)
    }
}
