import Recovery

/// `RESTORE.txt`: how to restore a backup with curl, on the day that lifeboat is gone.
struct QdrantInstructions {
    private let manifest: Manifest

    init(_ manifest: Manifest) { self.manifest = manifest }

    var text: String { manifest.artifacts.contains { $0.key == PartName.storage } ? ofFolder : ofCollections }

    private var ofFolder: String {
        """
        How to restore this backup without lifeboat
        ===========================================

        It holds the whole storage folder of a Qdrant server, captured while that was stopped: \(PartName.storage).
        tar, zstd and sha256sum are enough.

          backup          \(manifest.id)
          server          \(manifest.source.address.onOneLine), Qdrant \(manifest.engineVersion.onOneLine)
          restores to     \(manifest.recoveryPoint) (nothing later is in it)

        1. Check that the file is what it was: compare what

             sha256sum \(PartName.storage)

           prints with the "sha256" under "stored" of that artifact in manifest.json.

        2. Stop the server (docker stop, systemctl stop), and whatever uses it.

        3. Unpack beside its storage folder, on the same disk, as root, so that owners are kept; then exchange the two.
           Delete nothing yet.

             mkdir STORAGE.new && zstd -dc \(PartName.storage) | tar -xpf - --numeric-owner -C STORAGE.new
             mv STORAGE STORAGE.old && mv STORAGE.new STORAGE

        4. Every file's SHA-256 stands in the inventory:

             zstd -dc \(manifest.inventory) | grep '"kind":"file"'

        5. Start a server of the same version, or of the next minor one, and compare what it has with the inventory:

             zstd -dc \(manifest.inventory) | grep '"kind":"collection"'

        """ + manifest.runbookAppendix
    }

    private var ofCollections: String {
        let version = QdrantVersion(manifest.engineVersion)?.numbers ?? manifest.engineVersion
        return """
            How to restore this backup without lifeboat
            ===========================================

            It holds collections of Qdrant: as the server's own snapshots (snapshots/…), or point by point
            (points/…). curl, zstd and sha256sum are enough.

              backup          \(manifest.id)
              server          \(manifest.source.address.onOneLine), Qdrant \(manifest.engineVersion.onOneLine)
              restores to     \(manifest.recoveryPoint) (nothing later is in it)

            What was inside stands in the inventory, a JSON object a line:

              zstd -dc \(manifest.inventory) | grep '"kind":"collection"'

            1. Check that every file is what it was. Qdrant itself restores a snapshot with a flipped bit without a word.
               In this folder, compare what

                 sha256sum snapshots/*.snapshot points/*.zst

               prints with the "sha256" under "stored" of each artifact in manifest.json.

            2. A snapshot, on a server of \(version.onOneLine) or of the next minor version, into a name that is not
               taken. The server makes the collection as it was. Always send the checksum.

                 curl --fail -X POST "http://HOST:6333/collections/NAME/snapshots/upload?priority=snapshot&checksum=SHA256" \\
                      -H "api-key: KEY" -F snapshot=@snapshots/NAME.snapshot
                 curl --fail -X DELETE "http://HOST:6333/collections/NAME/snapshots/NAME.snapshot" -H "api-key: KEY"

            3. Points, on any version. Create the collection with the configuration in the inventory (facts.config: its
               "params" go to the top level, "optimizer_config" is called "optimizers_config"), then write the points:

                 curl --fail -X PUT "http://HOST:6333/collections/NAME" -H "api-key: KEY" -H "Content-Type: application/json" -d @config.json
                 zstd -dc points/NAME.jsonl.zst | split -l 200 --filter='
                   { printf "{\\"points\\":["; paste -sd, -; printf "]}"; } |
                   curl --fail -X PUT "http://HOST:6333/collections/NAME/points?wait=true" -H "api-key: KEY" \\
                        -H "Content-Type: application/json" --data-binary @-'

            4. Payload indexes ("kind":"payload index") and aliases ("kind":"alias") stand in the inventory:

                 curl --fail -X PUT "http://HOST:6333/collections/NAME/index?wait=true" -H "api-key: KEY" \\
                      -H "Content-Type: application/json" -d '{"field_name":"FIELD","field_schema":SCHEMA}'
                 curl --fail -X POST "http://HOST:6333/collections/aliases" -H "api-key: KEY" -H "Content-Type: application/json" \\
                      -d '{"actions":[{"create_alias":{"collection_name":"NAME","alias_name":"ALIAS"}}]}'

            5. Compare the exact count with the inventory. That a recover answers "true" proves nothing.

                 curl --fail -X POST "http://HOST:6333/collections/NAME/points/count" -H "api-key: KEY" \\
                      -H "Content-Type: application/json" -d '{"exact":true}'

            """ + manifest.runbookAppendix
    }
}
