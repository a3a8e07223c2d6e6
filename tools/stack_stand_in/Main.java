// A server of MongoDB's protocol in memory, for tests: java -cp 'libs/*' Main.java PORT [JOURNALS]. It is no MongoDB: one
// member, no durability, and indexes that serve only filters of exactly their keys.
//
// JOURNALS is a folder. Every document that is written to a collection `products` is added, as it then is, to the file
// named for its database there, as BSON, with the time of the write (ms since 1970) as `journaledAt`. That happens under
// the collection's lock, before the write is answered: what anybody can read is in the file, with no later a time.
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.Unpooled;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

public class Main {
    public static void main(String[] arguments) throws Exception {
        var backend = arguments.length > 1 ? new JournalingBackend(Path.of(arguments[1])) : new MemoryBackend();
        var server = new MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        Thread.currentThread().join();
    }
}

class JournalingBackend extends MemoryBackend {
    private final Path folder;

    JournalingBackend(Path folder) {
        this.folder = folder;
    }

    @Override
    public MemoryDatabase openOrCreateDatabase(String name) {
        return new JournalingDatabase(name, getCursorRegistry(), folder.resolve(name));
    }
}

class JournalingDatabase extends MemoryDatabase {
    private final CursorRegistry cursors;
    private final Path journal;

    JournalingDatabase(String name, CursorRegistry cursors, Path journal) {
        super(name, cursors);
        this.cursors = cursors;
        this.journal = journal;
    }

    @Override
    protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
        if (!name.equals("products")) return super.openOrCreateCollection(name, options);
        return new JournalingCollection(this, name, options, cursors, journal);
    }
}

class JournalingCollection extends MemoryCollection {
    private final OutputStream journal;

    JournalingCollection(
            MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors, Path journal) {
        super(database, name, options, cursors);
        try {
            this.journal = new FileOutputStream(journal.toFile(), true);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    protected Integer addDocumentInternal(Document document) {
        write(document);
        return super.addDocumentInternal(document);
    }

    @Override
    protected void handleUpdate(Integer position, Document before, Document after) {
        write(after);
        super.handleUpdate(position, before, after);
    }

    private void write(Document document) {
        var bytes = Unpooled.buffer();
        var entry = document.clone();
        entry.put("journaledAt", System.currentTimeMillis());
        BsonEncoder.encodeDocument(entry, bytes);
        try {
            // One call: the file never ends within a document.
            journal.write(bytes.array(), bytes.arrayOffset(), bytes.readableBytes());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
