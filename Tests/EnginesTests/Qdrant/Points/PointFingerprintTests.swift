import Recovery
import Testing

@testable import Engines

struct PointFingerprintTests {
    private static let rich =
        #"{"id":7,"payload":{"a":1.5},"vector":{"":[0.5,-1.0],"m":[[1.0],[2.0]],"s":{"indices":[3],"values":[0.25]}},"shard_key":"eu"}"#

    /// Backups hold these: they must never change. Computed with Python's hashlib from the description.
    @Test func theSamePointHasTheSameFingerprintForever() throws {
        #expect("\(PointFingerprint(of: try point(Self.rich)))" == "1Q0YeBGgUu_wDi7BvncBzZQ")
        #expect("\(PointFingerprint(of: try point(#"{"id":"550e8400-e29b-41d4-a716-446655440000"}"#)))" == "1MWqIxBXo5P_sU9JHYRXNhQ")
    }

    @Test func theTextFormIsReadBack() throws {
        let fingerprint = PointFingerprint(of: try point(Self.rich))
        #expect(PointFingerprint("\(fingerprint)") == fingerprint)
        #expect(PointFingerprint("2" + "\(fingerprint)".dropFirst()) == nil)
        for text in [
            "", "1", "1" + String(repeating: "A", count: 21), "1" + String(repeating: "!", count: 22),
            "1" + String(repeating: "_", count: 22),
        ] {
            #expect(PointFingerprint(text) == nil)
        }
    }

    @Test func onlyTheWritingMayDiffer() throws {
        let other =
            #" {"vector":{"s":{"values":[25e-2],"indices":[3]},"":[5e-1,-1],"m":[[1],[2.000]]}, "score":3,"shard_key":"\u0065u","payload":{ "a":15e-1},"id":7,"version":9} "#
        #expect(PointFingerprint(of: try point(other)) == PointFingerprint(of: try point(Self.rich)))
        #expect(PointFingerprint(of: try point(#"{"id":1,"payload":null}"#)) == PointFingerprint(of: try point(#"{"id":1,"payload":{}}"#)))
    }

    @Test func everyOtherDifferenceShows() throws {
        let points = try [
            #"{"id":1}"#, #"{"id":2}"#, #"{"id":"00000000-0000-0000-0000-000000000001"}"#, #"{"id":1,"shard_key":1}"#,
            #"{"id":1,"shard_key":"1"}"#, #"{"id":1,"vector":[1]}"#, #"{"id":1,"vector":[[1]]}"#, #"{"id":1,"vector":{"a":[1]}}"#,
            #"{"id":1,"vector":{"":{"indices":[0],"values":[1]}}}"#, #"{"id":1,"vector":[0.0]}"#, #"{"id":1,"vector":[-0.0]}"#,
            #"{"id":1,"vector":[null]}"#, #"{"id":1,"vector":[1e39]}"#, #"{"id":1,"vector":[]}"#, #"{"id":1,"vector":[[1,2]]}"#,
            #"{"id":1,"vector":[[1],[2]]}"#, #"{"id":1,"vector":[1,2]}"#, #"{"id":1,"payload":{"a":1}}"#, #"{"id":1,"payload":{"a":1.0}}"#,
            #"{"id":1,"vector":{"a":[],"b":[1]}}"#, #"{"id":1,"vector":{"a":[1],"b":[]}}"#,
        ].map { PointFingerprint(of: try point($0)) }
        #expect(Set(points).count == points.count)
    }

    @Test func oneChangedBitOfOneFloatAlwaysShows() {
        var generator = SeededGenerator(seed: 7)
        let values = (0..<96).map { _ in Float(generator.next() >> 40) / 1e7 - 0.8 }
        let original = PointFingerprint(of: Point(id: .number(1), vectors: ["": .dense(values)]))
        for place in values.indices {
            for bit in 0..<32 {
                var changed = values
                changed[place] = Float(bitPattern: changed[place].bitPattern ^ 1 << UInt32(bit))
                #expect(PointFingerprint(of: Point(id: .number(1), vectors: ["": .dense(changed)])) != original)
            }
        }
    }
}
