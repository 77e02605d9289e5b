import Recovery
import Testing

@testable import Engines

@Suite struct DumpListTests {
    private let early = DumpList(
        """
        ;
        ; Archive created at 2026-11-20 02:00:00 UTC
        ;     dbname: app
        ;
        2; 3079 16390 EXTENSION - vector
        4126; 0 0 COMMENT - EXTENSION vector
        215; 1259 16385 TABLE public books postgres
        216; 1259 16386 TABLE DATA notes postgres
        3412; 0 0 ACL public TABLE books postgres
        4000; 1417 16400 SERVER - far postgres
        4001; 1418 16401 USER MAPPING - USER MAPPING alice SERVER far postgres
        4101; 0 16385 TABLE DATA public books postgres
        4102; 0 16386 TABLE DATA DATA notes postgres
        """)
    private let late = DumpList(
        """
        3201; 2606 16393 CONSTRAINT public books books_pkey postgres
        3202; 1259 16394 INDEX public title postgres
        3203; 0 0 INDEX ATTACH public part_pkey postgres
        3204; 2606 16395 FK CONSTRAINT public loans loans_book_fkey postgres
        3205; 3466 16396 EVENT TRIGGER - watch postgres
        3206; 0 0 COMMENT - EVENT TRIGGER watch
        3207; 6100 16397 SUBSCRIPTION - nightly postgres
        3208; 0 0 COMMENT - SUBSCRIPTION nightly
        3209; 0 16398 MATERIALIZED VIEW DATA public per_day postgres
        3210; 826 16399 DEFAULT ACL - DEFAULT PRIVILEGES FOR TABLES postgres
        """)

    @Test func aTableOfASchemaCalledDataIsNotATablesData() {
        #expect(
            early.entries.map(\.type) == [
                "EXTENSION", "COMMENT", "TABLE", "TABLE", "ACL", "SERVER", "USER MAPPING", "TABLE DATA", "TABLE DATA",
            ])
        #expect(early.entries.map(\.rest)[3] == "DATA notes postgres")
    }

    @Test func entriesRunInTheOrderThatKeepsRestoringPossible() {
        let plan = RestorePlan(early: early, late: late, isDrill: false)
        #expect(plan.contents.map(\.words).count == 8)
        #expect(plan.indexes.map(\.type) == ["CONSTRAINT", "INDEX"])
        #expect(plan.attachments.map(\.type) == ["INDEX ATTACH"])
        #expect(
            plan.rest.map(\.words) == [
                "FK CONSTRAINT public loans loans_book_fkey postgres", "SUBSCRIPTION - nightly postgres", "COMMENT - SUBSCRIPTION nightly",
            ])
        #expect(plan.last.map(\.type) == ["ACL", "EVENT TRIGGER", "COMMENT", "MATERIALIZED VIEW DATA", "DEFAULT ACL"])
        #expect(plan.leftOut == [] && plan.notExercised == [])
    }

    @Test func aDrillLeavesOutWhatReachesOutWithWhatIsSaidAboutIt() {
        let plan = RestorePlan(early: early, late: late, isDrill: true)
        #expect(
            plan.leftOut.map(\.words) == [
                "USER MAPPING - USER MAPPING alice SERVER far postgres", "EVENT TRIGGER - watch postgres", "COMMENT - EVENT TRIGGER watch",
                "SUBSCRIPTION - nightly postgres", "COMMENT - SUBSCRIPTION nightly",
            ])
        #expect(
            plan.notExercised == [
                NotExercised(
                    "USER MAPPING - USER MAPPING alice SERVER far postgres",
                    because: "with it, foreign tables could log in to another server"),
                NotExercised("EVENT TRIGGER - watch postgres", because: "it would run code at every change of a definition"),
                NotExercised("SUBSCRIPTION - nightly postgres", because: "it would connect to its publisher"),
            ])
        #expect(
            plan.contents.count + plan.indexes.count + plan.attachments.count + plan.rest.count + plan.last.count + plan.leftOut.count
                == early.entries.count
                + late.entries.count)
    }
}
