import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/** mongo-java-server on one H2 file, for one machine: Launcher <file> <host> <port>. Ends when its standard input does. */
public final class Launcher {
  /** What MongoDB's driver 7 accepts: it refuses servers of a wire version below 8. */
  private record Version(List<Integer> getVersionArray, int getWireVersion) implements MongoVersion {}

  public static void main(String[] args) throws IOException {
    MVStore store;
    try {
      store = new MVStore.Builder().fileName(args[0]).autoCommitDisabled().open();
    } catch (MVStoreException e) {
      System.err.println("cannot open " + args[0] + ": " + e.getMessage());
      System.exit(1);
      return;
    }
    var backend = new DurableBackend(store);
    backend.version(new Version(List.of(4, 4, 0), 9));
    var server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      server.shutdownNow();
      store.close();
    }));
    var housekeeping = new Thread(backend::compactForEver);
    housekeeping.setDaemon(true);
    housekeeping.start();
    server.bind(args[1], Integer.parseInt(args[2]));
    System.out.println("serves " + args[0] + " on " + args[1] + ":" + args[2]);
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  /**
   * Hands every write to the operating system before it is acknowledged, so that a kill of this process loses nothing.
   * Commands share the lock and a commit has it alone: no commit holds half a command, and one commit serves all writes
   * that wait for it.
   */
  private static final class DurableBackend extends H2Backend {
    private static final int COMPACT_EVERY_MS = 1000;
    private static final int COMPACT_BYTES = 8 << 20;
    private static final int FILL_PERCENT = 70;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    DurableBackend(MVStore store) {
      super(store);
    }

    @Override
    public Document handleCommand(Channel channel, String database, String command, Document query) {
      lock.readLock().lock();
      try {
        return super.handleCommand(channel, database, command, query);
      } finally {
        lock.readLock().unlock();
        if (getMvStore().hasUnsavedChanges()) commitAlone();
      }
    }

    private void commitAlone() {
      alone(this::commit);
    }

    /** Every commit appends to the file; without this, which the store's own background thread would do, it only grows. */
    void compactForEver() {
      try {
        for (; !getMvStore().isClosed(); Thread.sleep(COMPACT_EVERY_MS)) {
          alone(() -> getMvStore().compact(FILL_PERCENT, COMPACT_BYTES));
        }
      } catch (InterruptedException | MVStoreException e) {
        if (!getMvStore().isClosed()) throw new IllegalStateException("housekeeping ended", e);
      }
    }

    private void alone(Runnable work) {
      lock.writeLock().lock();
      try {
        work.run();
      } finally {
        lock.writeLock().unlock();
      }
    }
  }
}
