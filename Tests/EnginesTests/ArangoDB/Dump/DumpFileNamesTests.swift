import Testing

@testable import Engines

@Suite struct DumpFileNamesTests {
    /// Hashes that stand in dumps of arangodump (contract 12).
    @Test func filesAreCalledAsArangodumpCallsThem() {
        #expect(DumpFileNames.structure(of: "_graphs", id: "5") == "_graphs_c827636f2b54efb49f1f02feeeacfb01.structure.json")
        #expect(DumpFileNames.data(of: "Ratings", id: "5") == "Ratings_e8dcd33ae274522f351c266f028eed7b.data.json.gz")
        #expect(DumpFileNames.view("titles", id: "7") == "titles.view.json")
        #expect(DumpFileNames.folder(of: "app", id: "1") == "app")
    }

    @Test(arguments: ["bücher", "a b", "a.b", String(repeating: "x", count: 250)])
    func whatNotEveryVersionTakesIsCalledByItsNumber(_ name: String) {
        let file = DumpFileNames.structure(of: name, id: "4711")
        #expect(file == "4711_\(DumpFileNames.hash(of: name)).structure.json")
        #expect(DumpFileNames.view(name, id: "4712") == "4712.view.json")
        #expect(DumpFileNames.folder(of: name, id: "4713") == "4713")
    }
}
