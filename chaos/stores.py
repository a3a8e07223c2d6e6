# Where a scenario's products are, and the journal of every write to them: SQLite's file, or a replica set of MongoDB
# behind a link that can fail. A journal's entry is made with its write, so it is exact however whoever wrote it
# ended. Places in a journal are numbers that only grow; each store has its own unit.
import shutil
import sqlite3

import oplog
from evidence import Row, copied
from formats import milliseconds
from link import Link

COLUMNS = "id, version, created_at, updated_at, buried_at, name, description, price, quantity, rating, history"


class SqliteStore:
    """store.db of the data folder. The journal is a trigger's, in the transaction of what it tells of."""

    settings, flags, link = {}, [], None

    def __init__(self, data):
        self.file = data / "store.db"

    def prepare(self):
        """Makes the file keep a journal, before anything is written."""
        with sqlite3.connect(self.file) as database:
            database.execute(f"CREATE TABLE chaos_journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, {COLUMNS})")
            values = ", ".join(f"new.{column.strip()}" for column in COLUMNS.split(","))
            for event in ("INSERT", "UPDATE"):
                database.execute(
                    f"CREATE TRIGGER chaos_{event.lower()} AFTER {event} ON products BEGIN "
                    f"INSERT INTO chaos_journal({COLUMNS}) VALUES ({values}); END"
                )
        database.close()

    def end(self):
        """How far the journal goes. Only while the service runs: the last to close a file takes its log in."""
        database = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=20)
        try:
            return self.end_in(database)
        finally:
            database.close()

    def end_at_rest(self, folder):
        """How far the journal goes when nothing runs. `folder`: for a copy."""
        database = copied(self.file, folder)
        try:
            return self.end_in(database)
        finally:
            database.close()

    def end_in(self, database):
        return database.execute("SELECT coalesce(max(seq), 0) FROM chaos_journal").fetchone()[0]

    def writes(self, place):
        """How many are in the journal up to there."""
        return place

    def read(self):
        """(journal, rows as they are in the end) of a service that has stopped."""
        database = sqlite3.connect(self.file)
        journal = [Row.of(v) for v in database.execute(f"SELECT seq, {COLUMNS} FROM chaos_journal ORDER BY seq")]
        final = [Row.of(v) for v in database.execute(f"SELECT 0, {COLUMNS} FROM products")]
        database.close()
        return journal, final

    def damage(self, product):
        """Makes what is stored of a product unreadable, beside whoever works with it."""
        self.set_photos(product, b"\xff")

    def mend(self, product):
        self.set_photos(product, b"")

    def set_photos(self, product, photos):
        database = sqlite3.connect(self.file, timeout=20)
        with database:
            done = database.execute("UPDATE products SET photos = ? WHERE id = ?", (photos, bytes.fromhex(product)))
            assert done.rowcount == 1, product
        database.close()

    def close(self):
        pass


class MongoStore:
    """A database of the replica set, whose primary the service reaches through a link of its own."""

    def __init__(self, server, database):
        self.server, self.database = server, database
        server.find_primary()
        self.link = Link(server)
        # A cut takes the driver half a second to get over; a call that hangs is to be given up well before a scenario
        # runs out of patience. The members are not to be asked past the link. Where the driver repeats a write the server
        # knows it again, also when it comes late; here the service has to do without.
        limits = "retryWrites=false&socketTimeoutMS=1000&connectTimeoutMS=1000&serverSelectionTimeoutMS=3000"
        uri = f"mongodb://127.0.0.1:{self.link.port}/?directConnection=true&{limits}"
        itself = f"mongodb://127.0.0.1:{server.port}/?directConnection=true"
        self.flags = ["--mongodb-uri", uri, "--mongodb-database", database, "--mongodb-journal", itself]
        self.settings = {"PRODUCTD_STORE": "mongodb", "PRODUCTD_MONGODB_URI": uri, "PRODUCTD_MONGODB_DB": database}
        self.client = server.client()
        self.counted, self.counted_to = 0, 0

    def prepare(self):
        pass  # The journal is there.

    def end(self):
        return oplog.end(self.client)

    def end_at_rest(self, _folder):
        return self.end()

    def writes(self, place):
        for entry in oplog.entries(self.client, self.database, self.counted_to, place):
            self.counted += entry["op"] != "d"
            self.counted_to = oplog.place_of(entry["ts"])
        return self.counted

    def read(self):
        journal = [row_of(document, at) for at, _, document in oplog.documents(self.client, self.database)]
        final = [row_of(document, 0) for document in self.client[self.database]["products"].find()]
        return journal, final

    def damage(self, product):
        self.set_photos(product, "not an array")

    def mend(self, product):
        self.set_photos(product, [])

    def set_photos(self, product, photos):
        import bson  # Here, for who has no need of it.

        products = self.client[self.database]["products"]
        done = products.update_one({"_id": bson.ObjectId(product)}, {"$set": {"photos": photos}})
        assert done.matched_count == 1, product

    def close(self):
        self.link.close()
        self.client.drop_database(self.database)
        self.client.close()


def row_of(document, place):
    """A document of ours as the row it would be. Of a tombstone, the time of its deletion is that of its last change."""
    tombstone = document.get("tombstone")
    return Row(
        place,
        str(document["_id"]),
        document["version"],
        milliseconds(document.get("createdAt")),
        milliseconds(tombstone["deletedAt"] if tombstone else document["updatedAt"]),
        milliseconds(document.get("expireAt")),
        *[document.get(name) for name in ("name", "description", "price", "quantity", "rating", "history")],
    )
