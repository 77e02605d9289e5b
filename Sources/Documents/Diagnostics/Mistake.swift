/// What is wrong with a value, before anybody knows where it was written.
package struct Mistake: Error, Equatable {
    package let problem: String
    package let hint: String?

    package init(_ problem: String, hint: String? = nil) {
        self.problem = problem
        self.hint = hint
    }
}
