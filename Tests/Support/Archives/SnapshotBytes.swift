/// A small snapshot in the layout of Qdrant's, whose parts tests can change before it is put together.
package struct SnapshotBytes {
    package struct Segment {
        package var vectors = #""":{"size":4,"distance":"Cosine","storage_type":"InRamChunkedMmap"}"#
        package var indexes = #"{"indexed_fields":{}}"#
        package var points = 3
        package var isFinished = true
        /// Put in before the others.
        package var more: (inout TarBytes) -> Void = { _ in }

        package init() {}

        package var tar: TarBytes {
            var tar = TarBytes()
            more(&tar)
            let files = "snapshot/files"
            tar.sparse("\(files)/vector_storage/vectors/chunk_0.mmap", size: 1 << 25, [(0, [UInt8](repeating: 7, count: 64))])
            tar.file("\(files)/payload_index/config.json", indexes)
            tar.file("\(files)/mutable_id_tracker.mappings", (0..<points).flatMap { [1, UInt8($0)] + [UInt8](repeating: 0, count: 11) })
            tar.file(
                "\(files)/segment.json",
                #"{"version":1,"config":{"vector_data":{\#(vectors)},"payload_storage_type":{"type":"mmap"}}}"#)
            if isFinished { tar.file("\(files)/version.info", "0.6.0") }
            return tar
        }
    }

    package var vectors = #"{"size":4,"distance":"Cosine"}"#
    package var params = #""replication_factor":1"#
    package var shardNumber = 1
    package var peer = 77
    package var replicas = #"{"77":"Active"}"#
    package var segments: [Segment] = [Segment()]
    package var payloadIndexes = "{}"
    package var shardKeys = "[]"
    /// Shards that are written; nil: all.
    package var shards: [Int]?
    package var config: String?
    package var hasLog = true
    /// Put in after the shards.
    package var more: (inout TarBytes) -> Void = { _ in }

    package init() {}

    package var tar: TarBytes {
        var tar = TarBytes()
        for shard in shards ?? Array(0..<shardNumber) {
            for (number, segment) in segments.enumerated() {
                // Servers leave the blocks that end an archive out of these.
                tar.file("\(shard)/segments/0000000\(number)-\(shard).tar", segment.tar.entries)
            }
            if hasLog { tar.sparse("\(shard)/wal/open-1", size: 1 << 20, [(0, [UInt8](repeating: 1, count: 32))]) }
            tar.file("\(shard)/replica_state.json", #"{"is_local":true,"this_peer_id":\#(peer),"peers":\#(replicas)}"#)
            tar.file("\(shard)/shard_config.json", #"{"type":"ReplicaSet"}"#)
        }
        more(&tar)
        tar.file("version.info", "0.4.2")
        tar.file(
            "config.json",
            config
                ?? #"{"params":{"vectors":\#(vectors),"shard_number":\#(shardNumber),\#(params)},"hnsw_config":{"m":16},"uuid":null}"#)
        tar.file("shard_key_mapping.json", shardKeys)
        tar.file("payload_index.json", #"{"schema":\#(payloadIndexes)}"#)
        return tar
    }

    package var bytes: [UInt8] { tar.bytes }
}
