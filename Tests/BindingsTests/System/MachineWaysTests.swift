import Testing

@testable import Bindings

@Suite struct MachineWaysTests {
    @Test func resolversAreReadButForOurselves() {
        #expect(
            Machine.resolvers(in: [
                "# nameserver 1.2.3.4", "search lan", "nameserver 10.0.0.53", "nameserver\t127.0.0.53", "nameserver fe80::1",
            ])
                == ["10.0.0.53"])
    }

    @Test func waysOutAreReadAsTheKernelHoldsThem() {
        let lines = [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0", "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
        ]
        #expect(Machine.gateways(in: lines) == ["192.0.2.1"])
    }

    @Test func onlyAnAnswerThatTellsSomethingIsOne() {
        let question = NameQuestion("example.com")
        #expect(question.bytes.count == 12 + 13 + 4)
        func answer(_ flags: [UInt8], _ counts: [UInt8]) -> ArraySlice<UInt8> { (question.bytes[..<2] + flags + counts)[...] }
        #expect(question.isAnswered(by: answer([0x81, 0x80], [0, 1, 0, 1, 0, 0, 0, 0])))
        // No such name, says who knows all names there.
        #expect(question.isAnswered(by: answer([0x81, 0x83], [0, 1, 0, 0, 0, 1, 0, 0])))
        // Nobody could be asked.
        #expect(!question.isAnswered(by: answer([0x81, 0x82], [0, 1, 0, 0, 0, 0, 0, 0])))
        #expect(!question.isAnswered(by: [0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]) || question.bytes[..<2] == [0, 0])
        #expect(!question.isAnswered(by: [1, 2]))
    }
}
