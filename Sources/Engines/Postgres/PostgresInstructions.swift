import Recovery

/// `RESTORE.txt`: how to restore a backup with PostgreSQL's own programs, on the day that lifeboat is gone.
struct PostgresInstructions {
    let manifest: Manifest

    init(_ manifest: Manifest) { self.manifest = manifest }

    var text: String {
        let database = manifest.source.database ?? "DATABASE"
        let major = PostgresVersion(manifest.engineVersion)?.major ?? 0
        return """
            How to restore this backup without lifeboat
            ===========================================

            It holds the PostgreSQL database below, in pg_dump's directory format. PostgreSQL's own programs
            restore it; they have to be of version \(major) or newer, and so has the server.

              database        \(database.onOneLine)
              backup          \(manifest.id)
              server          \(manifest.source.address.onOneLine), PostgreSQL \(manifest.engineVersion.onOneLine)
              restores to     \(manifest.recoveryPoint) (nothing later is in it)

            1. Check that every file is what it was. In this folder, compare what

                 sha256sum dump/*

               prints with the "sha256" under "stored" of each artifact in manifest.json.

            2. Make the roles that own objects or hold rights, as far as the server does not have them. They have no
               passwords in here; give them new ones.

                 psql -X -h HOST -U postgres -d postgres -f roles.sql

            3. Make the database. Encoding and locale stand in the line "kind":"database" of the inventory:

                 zstd -dc \(manifest.inventory) | grep '"kind":"database"'
                 createdb -h HOST -U postgres -T template0 -E ENCODING --lc-collate=COLLATION --lc-ctype=CHARACTER_TYPE NEW_DATABASE

            4. Restore it.

                 pg_restore -h HOST -U postgres --exit-on-error --jobs=2 -d NEW_DATABASE dump
                 psql -X -h HOST -U postgres -d NEW_DATABASE -c ANALYZE

            5. Settings of the database itself are in the inventory too (lines with "kind":"setting"):

                 ALTER DATABASE NEW_DATABASE SET name TO value;

            Afterwards compare the counts of the tables with the inventory (lines with "kind":"table").

            """ + manifest.runbookAppendix
    }
}
