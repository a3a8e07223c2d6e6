// A server of MongoDB's protocol in memory, for tests: java -cp 'libs/*' Main.java PORT. It is no MongoDB: one member, no
// durability, and indexes that serve only filters of exactly their keys.
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

public class Main {
    public static void main(String[] arguments) throws Exception {
        var server = new MongoServer(new MemoryBackend());
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        Thread.currentThread().join();
    }
}
