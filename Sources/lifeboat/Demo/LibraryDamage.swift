extension LibraryData {
    /// An import that went wrong. Nothing is missing at first sight: every table is there, and `SELECT 1` works.
    static let damage = #"""
        TRUNCATE catalogue.chunks, lending.loans;
        UPDATE catalogue.books SET title = upper(md5(title)), author = shelf, copies = 0;
        UPDATE lending.readers SET name = '?', standing = 'blocked' WHERE id % 3 = 0;
        DELETE FROM lending.readers WHERE id % 7 = 0;
        REFRESH MATERIALIZED VIEW catalogue.shelves;
        """#
}
