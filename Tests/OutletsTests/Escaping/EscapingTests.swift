import Outlets
import Testing

@Suite struct EscapingTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("żółć 東京 🚀", "żółć 東京 🚀"),
        ("two\nlines\r\nand\ta tab", "two⏎lines⏎and⇥a tab"),
        ("\u{1B}[31mred\u{9B}0m", "\\u{1B}[31mred\\u{9B}0m"),
        ("bell\u{7} delete\u{7F} next line\u{85}", "bell\\u{7} delete\\u{7F} next line\\u{85}"),
        ("\u{202A}\u{202E}\u{2066}\u{2069}\u{200E}\u{200F}", "\\u{202A}\\u{202E}\\u{2066}\\u{2069}\\u{200E}\\u{200F}"),
        ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ("zero\u{200B}width, hard\u{A0}space", "zero\\u{200B}width, hard\\u{A0}space"),
        ("12\u{202F}480", "12\u{202F}480"),
    ])
    func whatIsInvisibleIsSpelledOut(text: String, shown: String) {
        #expect(TerminalText(text).text == shown)
    }

    @Test func aCombiningMarkCannotHideAnEscape() {
        let name = "\u{1B}\u{301}[2J"
        #expect(TerminalText(name).text == "\\u{1B}\u{301}[2J")
    }

    @Test func interpolatedTextIsEscapedAndWrittenTextIsNot() {
        let name = "<b>\"&'\u{1B}"
        let line: TerminalText = "\u{1B}[1mtable \(name)"
        let cell: HTMLText = "<td title=\"\(name)\">\(name)</td>"
        #expect(line.text == "\u{1B}[1mtable <b>\"&'\\u{1B}")
        #expect(
            cell.markup
                == "<td title=\"&lt;b&gt;&quot;&amp;&#39;\\u{1B}\">&lt;b&gt;&quot;&amp;&#39;\\u{1B}</td>")
    }

    @Test func markupInsideMarkupIsNotEscapedTwice() {
        let inner: HTMLText = "<b>\("a & b")</b>"
        #expect(("<p>\(inner)</p>" as HTMLText).markup == "<p><b>a &amp; b</b></p>")
    }

    @Test func jsonHidesNothingAndMeansTheSame() throws {
        let text = "\u{2028}\u{2029}\u{202E}\u{200F}\u{85}\u{7F}\u{1B}\u{E0041}é"
        let json = try JSONText.encode([text], .oneLine)
        #expect(
            String(decoding: json, as: UTF8.self)
                == "[\"\\u2028\\u2029\\u202e\\u200f\\u0085\\u007f\\u001b\\udb40\\udc41é\"]\n")
    }

    @Test func jsonWritesNumbersItDoesNotHaveAsTexts() throws {
        let json = try JSONText.encode([Double.nan, .infinity, -.infinity, 1.5], .oneLine)
        #expect(String(decoding: json, as: UTF8.self) == "[\"NaN\",\"Infinity\",\"-Infinity\",1.5]\n")
    }

    @Test func chatMentionsAndLinksLoseTheirMeaning() {
        let name = "<!channel> @all `x` & [a](http://b)\n"
        #expect(("step \(name)" as ChatText).text == "step `&lt;!channel&gt; @all 'x' &amp; [a](http://b)⏎`")
    }

    @Test(arguments: [
        ("short", 5, "short"), ("longer", 5, "long…"), ("東京都", 5, "東京…"), ("東京都", 6, "東京都"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ("x", 0, ""),
    ])
    func textIsCutByTheColumnsItTakes(text: String, width: Int, fitted: String) {
        #expect(text.fitted(to: width) == fitted)
        #expect(fitted.columns <= width)
    }

    @Test(arguments: [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("a /very/long/path/that/stays b", 8, ["a", "/very/long/path/that/stays", "b"]),
        ("two  spaces", 20, ["two  spaces"]),
        (" lead", 20, [" lead"]),
    ])
    func textIsBrokenAtSpacesOnly(text: String, width: Int, lines: [String]) {
        #expect(text.wrapped(to: width) == lines)
    }

    @Test func longTextIsShortenedAndSaysByHowMuch() {
        #expect(String(repeating: "x", count: 12_360).shortened(to: 5) == "xxxxx… (12\u{202F}355 more characters)")
        #expect("xxxxx".shortened(to: 5) == "xxxxx")
    }
}
