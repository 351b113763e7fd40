"""The tables of the embedded store, and what is asked of them."""

VERSION = 1  # of the tables; a later release raises it when an earlier one could not write them any more
SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS records (
    partition TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, due INTEGER, PRIMARY KEY (partition, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_due ON records (partition, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS log (
    partition TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, caller TEXT NOT NULL,
    PRIMARY KEY (partition, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trimmed (
    partition TEXT PRIMARY KEY, last_seq INTEGER NOT NULL DEFAULT 0, erased_below INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""
READ = "SELECT key, value FROM records WHERE partition = ? AND key IN ({})"
READ_MANY = "SELECT partition, key, value FROM records WHERE partition IN ({}) AND key IN ({})"
UPSERT = """INSERT INTO records VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET value = excluded.value, due = excluded.due"""
# The last number is the newest entry's, or what `trimmed` remembers of entries that are gone.
APPEND = """INSERT INTO log SELECT ?1, 1 + max(
    coalesce((SELECT max(seq) FROM log WHERE partition = ?1), 0),
    coalesce((SELECT last_seq FROM trimmed WHERE partition = ?1), 0)), ?2, ?3"""
DUE = "SELECT key FROM records WHERE partition = ? AND due <= ? ORDER BY due"
PAGE = """SELECT seq, CAST(event AS BLOB), CAST(caller AS BLOB) FROM log WHERE partition = ? AND seq < ?
ORDER BY seq DESC LIMIT ?"""
LINES = "SELECT seq, CAST(event AS BLOB) FROM log WHERE partition = ? AND seq > ? ORDER BY seq LIMIT ?"
FROM = "SELECT CAST(event AS BLOB) FROM log WHERE partition = ? AND seq >= ? ORDER BY seq"
ENDS = """SELECT min(seq), (SELECT max(seq) FROM log WHERE partition = ?1 AND seq <= ?2)
FROM log WHERE partition = ?1 AND seq BETWEEN 1 AND ?2"""
NEWEST = "SELECT coalesce(max(seq), 0) FROM log WHERE partition = ?"
MARK_LAST = """INSERT INTO trimmed (partition, last_seq)
SELECT ?1, max(seq) FROM log WHERE partition = ?1 HAVING max(seq)
ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq"""
MARK_ERASED = """INSERT INTO trimmed (partition, erased_below) VALUES (?, ?)
ON CONFLICT DO UPDATE SET erased_below = excluded.erased_below"""
ERASE_AT = "UPDATE log SET caller = '' WHERE partition = ? AND seq IN ({}) AND caller <> ''"
ERASED_BELOW = "SELECT coalesce((SELECT erased_below FROM trimmed WHERE partition = ?1), 0)"
ERASE = "UPDATE log SET caller = '' WHERE partition = ? AND seq >= ? AND seq < ? AND caller <> ''"
NTH = "SELECT seq FROM log WHERE partition = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT 1 OFFSET ?"
