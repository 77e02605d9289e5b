import Bindings
import Foundation
import Outlets
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTMLReportTests {
    @Test(arguments: JSONReportTests.samples)
    func thePageIsSoundAndItsDrawingsAreXML(name: String, result: RunResult) async throws {
        let page = try await Page(HTMLReport().render(result))
        #expect(page.complaints == [])
        #expect(page.drawings >= (result.parts.isEmpty ? 0 : 2))
    }

    /// Whatever names hold: the same elements and attributes as in a page with plain ones.
    @Test func hostileTextBecomesNoMarkup() async throws {
        let page = try await Page(HTMLReport().render(SampleResults.hostile()))
        let known: Set = [
            "a", "abbr", "bdi", "body", "caption", "circle", "code", "dd", "defs", "desc", "details", "div", "dl", "dt", "footer", "g",
            "h1", "h2",
            "h3", "head", "header", "html", "li", "line", "main", "meta", "p", "path", "pattern", "pre", "q", "rect", "section", "span",
            "strong",
            "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "time", "title", "tr", "ul",
        ]
        #expect(page.elements.subtracting(known) == [])
        #expect(page.references.isSubset(of: ["#checks"]))
        #expect(page.classes.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "-") } }, "\(page.classes)")
        #expect(page.attributes.allSatisfy { !$0.hasPrefix("on") && $0 != "src" && $0 != "style" }, "\(page.attributes)")
    }

    @Test func hostileTextHidesNothing() {
        let page = text(SampleResults.hostile())
        #expect(page.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isInvisible })
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;amp; --&gt;"))
    }

    /// Escaping that hits our own markup would show as text on the page.
    @Test func ourOwnMarkupIsNotEscaped() {
        for result in [SampleResults.passed(), SampleResults.failed(), SampleResults.interrupted(), SampleResults.rehearsal()] {
            let page = text(result)
            #expect(!page.contains("&lt;") && !page.contains("=&quot;"))
        }
        #expect(text(SampleResults.failed()).components(separatedBy: "<tr class=\"finding\">").count == 5)
    }

    @Test func nothingIsFetchedFromAnywhere() {
        let page = text(SampleResults.passed())
        #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""))
        #expect(!page.replacing("http://www.w3.org/2000/svg", with: "").contains("://"))
        #expect(!page.contains("@import") && !page.contains("<script") && !page.contains("<link") && !page.contains("<img"))
    }

    @Test func theVerdictComesFirst() {
        for (word, result) in [
            ("PASSED", SampleResults.passed()), ("FAILED", SampleResults.failed()), ("BROKE", SampleResults.broke()),
            ("INTERRUPTED", SampleResults.interrupted()), ("OBJECTIVE MISSED", SampleResults.rehearsal()),
            ("NOT VERIFIED", SampleResults.minimal()),
        ] {
            let page = text(result)
            #expect(page.contains("<title>\(word): \(result.kind.rawValue) \(result.name), 2026-12-01 02:00:00 UTC</title>"))
            #expect(page.components(separatedBy: "<h1>").dropFirst().first?.hasPrefix("\(word)</h1>") == true)
        }
    }

    @Test func aRehearsalSaysSoAboveItsVerdict() throws {
        let page = text(SampleResults.rehearsal())
        let banner = try #require(page.range(of: "<strong>REHEARSAL, NOT EVIDENCE</strong>"))
        let verdict = try #require(page.range(of: "<h1>"))
        #expect(banner.lowerBound < verdict.lowerBound)
        #expect(!text(SampleResults.passed()).contains("REHEARSAL"))
    }

    @Test func aRehearsalThatPassedIsNotShownAsGood() {
        var result = SampleResults.rehearsal()
        result.outcome = .passed
        #expect(text(result).contains("<div class=\"verdict doubtful\">"))
    }

    @Test func sectionsComeInTheOrderOfAnAuditorsQuestions() {
        let headings = text(SampleResults.broke()).components(separatedBy: "<h2 id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(headings == ["failure", "objectives", "restored", "timeline", "checks", "not-exercised", "notices", "evidence"])
    }

    @Test func whatHoldsAcrossStoresIsASectionOfItsOwn() throws {
        let page = text(SampleResults.apart())
        let headings = page.components(separatedBy: "<h2 id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(headings == ["failure", "objectives", "restored", "timeline", "checks", "across", "not-exercised", "evidence"])
        let across = try #require(page.components(separatedBy: "<section aria-labelledby=\"across\">").dropFirst().first)
        #expect(across.contains("7998 found; missing: 4711, 4712"))
        #expect(page.contains("Recovery set of <bdi>app-db, vectors</bdi>"))
        #expect(page.contains("4.3 s from the oldest recovery point to the newest"))
    }

    @Test func manyResultsAreListedUpToALimitAndCounted() {
        let page = String(decoding: HTMLReport(rowLimit: 100).render(SampleResults.large(differing: 500)), as: UTF8.self)
        #expect(page.components(separatedBy: "<tr class=\"finding\">").count == 101)
        #expect(page.contains("And 400 more, which the JSON report lists."))
        #expect(page.contains("And 2400 more, which the JSON report lists."))
    }

    @Test func hashesComeWithTheCommandsThatCheckThem() {
        let page = text(SampleResults.passed())
        for command in [
            "sha256sum drills/monthly.yaml\n",
            "sha256sum nightly/20261130T224800Z-4f1c9a/app-db/manifest.json    # in the store's folder\n",
            "head -n -1 /var/lib/lifeboat/runs/20261201T020000Z-7f3a9c/journal.jsonl | sha256sum</pre>",
        ] { #expect(page.contains(command)) }
    }

    @Test(arguments: [
        ("plain/path.yaml", "plain/path.yaml"), ("", "''"), ("it's", "'it'\\''s'"), ("a b; rm -rf $HOME `x`", "'a b; rm -rf $HOME `x`'"),
        ("-rf", "./-rf"),
        ("~root", "'~root'"),
    ])
    func aPathBecomesOneWordForAShell(path: String, word: String) { #expect(ShellText.path(path) == word) }

    private func text(_ result: RunResult) -> String { String(decoding: HTMLReport().render(result), as: UTF8.self) }
}

/// A page as PyPI's `html5lib` and Python's XML reader see it.
private struct Page {
    private(set) var complaints: [String] = []
    private(set) var elements: Set<String> = []
    private(set) var attributes: Set<String> = []
    private(set) var classes: Set<String> = []
    private(set) var references: Set<String> = []
    private(set) var drawings = 0

    init(_ page: [UInt8]) async throws {
        let script = """
            import re, sys, html5lib, xml.etree.ElementTree
            page = sys.stdin.buffer.read()
            parser = html5lib.HTMLParser(namespaceHTMLElements=False)
            tree = parser.parse(page, transport_encoding="utf-8")
            for place, code, data in parser.errors: print("complaint", place, code, data)
            for svg in re.findall(rb"<svg.*?</svg>", page, re.S):
                xml.etree.ElementTree.fromstring(svg)
                print("drawing")
            for element in tree.iter():
                if not isinstance(element.tag, str): print("complaint", "not an element:", element); continue
                print("element", element.tag.split("}")[-1])
                for name, value in element.attrib.items():
                    name = name if isinstance(name, str) else name[-1]
                    print("attribute", name.split("}")[-1])
                    if name == "class": [print("class", one) for one in value.split()]
                    if name in ("href", "src", "action", "formaction", "data"): print("reference", value)
            """
        let result = try await Python.run(script, input: page, needing: "html5lib")
        #expect(result.succeeded, "\(result.errors)")
        for line in result.output.split(separator: "\n") {
            let pieces = line.split(separator: " ", maxSplits: 1).map(String.init)
            let value = pieces.count > 1 ? pieces[1] : ""
            switch pieces[0] {
            case "drawing": drawings += 1
            case "element": elements.insert(value)
            case "attribute": attributes.insert(value)
            case "class": classes.insert(value)
            case "reference": references.insert(value)
            default: complaints.append(value)
            }
        }
    }
}
