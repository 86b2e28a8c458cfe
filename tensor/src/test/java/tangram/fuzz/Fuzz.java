package tangram.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Gives damaged files to a reader. Each must be read, and what was read be valid, or be refused by
 * one kind of exception with a sentence that names the file; within {@link #SECONDS} and within an
 * allowance of memory that depends on the file.
 *
 * <p>A failure names the number of the copy, and keeps the file in {@code target/fuzz}. The system
 * properties {@code fuzz.seed}, {@code fuzz.first} and {@code fuzz.count} choose other copies than
 * the usual: {@code -Dfuzz.first=4711 -Dfuzz.count=1} is the one numbered 4711 alone.
 */
public final class Fuzz {
  /** Seconds that a reader may take for a file; a thousandth is usual, but machines are busy. */
  public static final int SECONDS = 5;

  /** The seed of the copies. */
  public static final long SEED = Long.getLong("fuzz.seed", 1);

  private static final int FIRST = Integer.getInteger("fuzz.first", 0);

  /** After this number of failures a run ends. */
  private static final int MAX_FAILURES = 10;

  private static final int MAX_MESSAGE = 1000;

  /** Reads a file and checks what it read. */
  public interface Reader {
    /**
     * Reads.
     *
     * @throws Exception the kind that refuses the file; any other, and any error, is a failure
     */
    void read(Path file) throws Exception;
  }

  /** How many copies were read and refused. */
  public record Result(int read, int refused) {}

  /** A file that is being read. */
  private record Attempt(String name, byte[] bytes, long startNanos) {}

  private final Path file;
  private final Reader reader;
  private final Class<? extends RuntimeException> refusal;
  private final ToLongFunction<byte[]> allowance;
  private final Duration limit;
  private final List<String> failures = new ArrayList<>();
  private volatile Attempt current;
  private int read;
  private int refused;
  private long mostAllocated;
  private long slowestNanos;

  /**
   * Prepares a run.
   *
   * @param file where the copies are put, one after the other
   * @param refusal the kind of exception by which the reader refuses a file
   * @param allowance bytes it may allocate for the contents of a file
   */
  public Fuzz(
      Path file,
      Reader reader,
      Class<? extends RuntimeException> refusal,
      ToLongFunction<byte[]> allowance) {
    this(file, reader, refusal, allowance, Duration.ofSeconds(SECONDS));
  }

  Fuzz(
      Path file,
      Reader reader,
      Class<? extends RuntimeException> refusal,
      ToLongFunction<byte[]> allowance,
      Duration limit) {
    this.file = file;
    this.reader = reader;
    this.refusal = refusal;
    this.allowance = allowance;
    this.limit = limit;
  }

  /**
   * Reads the valid files and then damaged copies.
   *
   * @param usual number of copies unless the property {@code fuzz.count} gives another
   * @throws AssertionError if the reader does anything with one that it should not, or nearly all
   *     of the usual number are read or refused
   */
  public Result run(Mutator mutator, int usual) {
    int count = Integer.getInteger("fuzz.count", usual);
    long start = System.nanoTime();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      watch(() -> readAll(channel, mutator, count));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d damaged files in %.1f s, %d read, %d refused; at most %d KiB allocated and %.0f ms"
            + " taken for one%n",
        file.getFileName(),
        read + refused,
        (System.nanoTime() - start) * 1e-9,
        read,
        refused,
        mostAllocated >> 10,
        slowestNanos * 1e-6);
    if (!failures.isEmpty()) {
      throw new AssertionError(String.join("\n", failures));
    }
    if (count == usual && FIRST == 0 && (read < count / 100 || refused < count / 5)) {
      throw new AssertionError(
          read + " files were read and " + refused + " refused: too few of one, little was tried");
    }
    return new Result(read, refused);
  }

  private void readAll(FileChannel channel, Mutator mutator, int count) {
    for (Mutator.Original original : mutator.originals()) {
      attempt(channel, original.name() + " undamaged", original.bytes());
    }
    if (refused > 0) {
      failures.add(refused + " undamaged files are refused");
    }
    read = 0;
    refused = 0;
    for (int i = FIRST; i < FIRST + count && failures.size() < MAX_FAILURES; i++) {
      Mutator.Mutant mutant = mutator.mutant(i);
      attempt(
          channel,
          String.format("number %d of seed %d (%s)", i, SEED, mutant.story()),
          mutant.bytes());
    }
  }

  /** Runs in a thread of its own, which must not take too long for any attempt. */
  private void watch(Runnable task) {
    Throwable[] thrown = new Throwable[1];
    Thread thread = new Thread(task, "reader");
    thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
    // A reader that hangs must not keep the JVM from ending.
    thread.setDaemon(true);
    thread.start();
    try {
      while (!thread.join(Duration.ofMillis(200))) {
        Attempt a = current;
        if (a != null && System.nanoTime() - a.startNanos > limit.toNanos()) {
          throw new AssertionError(
              a.name + ": hangs at" + trace(thread.getStackTrace()) + "\n    " + keep(a.bytes));
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (thrown[0] != null) {
      throw new AssertionError(thrown[0]);
    }
  }

  private void attempt(FileChannel channel, String name, byte[] bytes) {
    try {
      // Through one channel: opening a file to replace its contents takes some file systems long.
      channel.write(ByteBuffer.wrap(bytes), 0);
      channel.truncate(bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long start = System.nanoTime();
    current = new Attempt(name, bytes, start);
    int before = failures.size();
    long allocated = read();
    long limit = allowance.applyAsLong(bytes);
    if (allocated > limit) {
      // Again: what is loaded or linked the first time should not count.
      int readBefore = read;
      int refusedBefore = refused;
      allocated = read();
      read = readBefore;
      refused = refusedBefore;
      if (allocated > limit) {
        failures.add(allocated + " bytes were allocated where " + limit + " are allowed");
      }
    }
    current = null;
    slowestNanos = Math.max(slowestNanos, System.nanoTime() - start);
    mostAllocated = Math.max(mostAllocated, allocated);
    for (int i = before; i < failures.size(); i++) {
      failures.set(i, name + ": " + failures.get(i) + "\n    " + keep(bytes));
    }
  }

  /** Bytes that were allocated while the file was read, by any thread. */
  private long read() {
    long before = Allocations.ofAllThreads();
    Throwable thrown = null;
    try {
      reader.read(file);
    } catch (Throwable e) {
      // Errors too: running out of memory or stack is what is looked for.
      thrown = e;
    }
    long allocated = Allocations.ofAllThreads() - before;
    if (thrown == null) {
      read++;
    } else if (thrown.getClass() == refusal) {
      refused++;
      checkMessage(thrown.getMessage());
    } else {
      failures.add("escapes: " + thrown + trace(thrown.getStackTrace()));
    }
    return allocated;
  }

  /** One sentence, short, on one line, that begins with the file. */
  private void checkMessage(String message) {
    if (message == null
        || !message.startsWith(file + ": ")
        || !message.endsWith(".")
        || message.length() > file.toString().length() + MAX_MESSAGE
        || message.chars().anyMatch(Fuzz::isUnprintable)) {
      failures.add("not one clear sentence: " + message);
    }
  }

  private static boolean isUnprintable(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  private static String trace(StackTraceElement[] trace) {
    return Arrays.stream(trace).limit(25).map(e -> "\n      " + e).collect(Collectors.joining());
  }

  /** Keeps a file that a reader failed on. */
  private String keep(byte[] bytes) {
    try {
      Path folder = Files.createDirectories(Path.of("target", "fuzz"));
      String name = Integer.toHexString(Arrays.hashCode(bytes)) + "-" + file.getFileName();
      return "kept as " + Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
