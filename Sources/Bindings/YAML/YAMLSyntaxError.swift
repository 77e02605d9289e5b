/// Why a text is not a document that we read, and where.
package struct YAMLSyntaxError: Error, Equatable {
    package let problem: String
    package let hint: String?
    package let span: YAMLSpan

    init(_ problem: String, hint: String? = nil, at span: YAMLSpan) {
        self.problem = problem
        self.hint = hint
        self.span = span
    }
}
