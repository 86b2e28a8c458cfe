package tangram.web.annotate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import tangram.nn.FileWriteException;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.web.http.HttpProblem;

/**
 * All scribbles of a session: in memory, in the journal before a save is answered, and in files of
 * their own after some rest. Safe for use by several threads.
 */
final class ScribbleStore implements AutoCloseable {
  /** Bits of a revision, which JavaScript holds exactly. */
  private static final int REVISION_BYTES = 6;

  /** Slices with something drawn; the arrays never change. */
  private final Map<SliceKey, byte[]> slices = new TreeMap<>();

  private final Map<SliceKey, Integer> counts = new TreeMap<>();

  /** Slices that are in the journal and not yet in their files. */
  private final Set<SliceKey> unsaved = new HashSet<>();

  /** Scans whose files are not what is in memory, with the number of their last change. */
  private final Map<SessionScan, Long> dirty = new HashMap<>();

  /** The scribbles' files as they were read or written last. */
  private final Map<SessionScan, Stamp> stamps = new HashMap<>();

  /** Scans whose file is kept under another name before it is replaced. */
  private final Set<SessionScan> keepOld = new HashSet<>();

  private final List<Journal.Entry> homeless = new ArrayList<>();
  private final Object writing = new Object();
  private final Supplier<Labels> labels;
  private Journal journal;
  private long changes;
  private long saved;

  ScribbleStore(Supplier<Labels> labels) {
    this.labels = labels;
  }

  /** What the classes are. */
  Labels labels() {
    return labels.get();
  }

  /** From now on slices can be put. */
  synchronized void open(Journal opened) {
    journal = opened;
  }

  /** Takes what a file holds in the place of all that is known of a scan. */
  synchronized void load(SessionScan scan, Map<SliceKey, byte[]> found, Path file) {
    slices.keySet().removeIf(key -> key.scan() == scan.id);
    counts.keySet().removeIf(key -> key.scan() == scan.id);
    found.forEach(this::set);
    stamps.put(scan, Stamp.of(file));
  }

  private void set(SliceKey key, byte[] slice) {
    int count = Scribbles.count(slice);
    if (count == 0) {
      slices.remove(key);
      counts.remove(key);
    } else {
      slices.put(key, slice);
      counts.put(key, count);
    }
  }

  /** Takes a slice that a journal holds. */
  synchronized void replay(SessionScan scan, SliceKey key, byte[] slice) {
    set(key, slice);
    unsaved.add(key);
    dirty.put(scan, ++changes);
  }

  /** Keeps an entry of a journal whose scan is not there. */
  synchronized void keepHomeless(Journal.Entry entry) {
    homeless.add(entry);
  }

  /** The entries of scans that were not there, which are kept again or replayed. */
  synchronized List<Journal.Entry> takeHomeless() {
    List<Journal.Entry> entries = List.copyOf(homeless);
    homeless.clear();
    return entries;
  }

  /** Has a scan's file written again, with the old one kept. */
  synchronized void rewrite(SessionScan scan) {
    keepOld.add(scan);
    dirty.put(scan, ++changes);
  }

  /** The labels of a slice; null where nothing is drawn. Not to be written. */
  synchronized byte[] get(SliceKey key) {
    return slices.get(key);
  }

  /** The number of labelled voxels of every slice that has some. */
  synchronized Map<SliceKey, Integer> counts() {
    return new TreeMap<>(counts);
  }

  /** Whether something is drawn in a scan. */
  synchronized boolean isDrawn(SessionScan scan) {
    return counts.keySet().stream().anyMatch(key -> key.scan() == scan.id);
  }

  /** Whether something is drawn in a scan, or was and is not yet erased in its file. */
  synchronized boolean isKnown(SessionScan scan) {
    return isDrawn(scan) || dirty.containsKey(scan);
  }

  /** Whether a class, or a later one, is drawn anywhere. */
  synchronized boolean isUsed(int first) {
    for (byte[] slice : slices.values()) {
      for (byte value : slice) {
        if (value != Scribbles.NONE && (value & 0xFF) >= first) {
          return true;
        }
      }
    }
    return false;
  }

  /** When something was saved last, milliseconds since 1970; 0 for never. */
  synchronized long saved() {
    return saved;
  }

  /** The number of slices that are in the journal alone. */
  synchronized int unsaved() {
    return unsaved.size();
  }

  /**
   * What tells the contents of a slice from others: a part of their checksum. So it is the same
   * after the program was started again, and the same contents never conflict.
   */
  static long revision(byte[] slice) {
    byte[] digest = Stamp.sha256(slice);
    return ByteBuffer.wrap(digest).getLong() >>> (64 - 8 * REVISION_BYTES);
  }

  /** The contents of a slice, drawn or not. */
  byte[] contents(SessionScan scan, SliceKey key) {
    byte[] slice = get(key);
    if (slice == null) {
      slice = new byte[scan.plane()];
      Arrays.fill(slice, Scribbles.NONE);
    }
    return slice;
  }

  /**
   * Saves a slice: it is in the journal, on the disk, when this returns.
   *
   * @param expected the revision that the change was made from
   * @return what was there before
   * @throws HttpProblem 412 if something else is there than expected
   * @throws FileWriteException if it cannot be saved; all is as before then
   */
  synchronized byte[] put(SessionScan scan, SliceKey key, byte[] slice, long expected) {
    byte[] before = contents(scan, key);
    if (Arrays.equals(before, slice)) {
      // Perhaps the answer to the same request was lost.
      return before;
    }
    if (revision(before) != expected) {
      throw new HttpProblem(
          412,
          "This slice has been changed elsewhere.",
          "Load it again; your last strokes are not in it.");
    }
    journal.append(new Journal.Entry(scan.fileName(), key.frame(), key.slice(), slice));
    set(key, slice);
    unsaved.add(key);
    dirty.put(scan, ++changes);
    saved = System.currentTimeMillis();
    return before;
  }

  /** Whether files are behind. */
  synchronized boolean isDirty() {
    return !dirty.isEmpty();
  }

  /**
   * Writes all files that are behind; then the journal holds nothing.
   *
   * @return sentences about files that others have changed meanwhile, which are kept
   * @throws FileWriteException if one cannot be written; the others are, and nothing is lost
   */
  List<String> flush() {
    List<String> told = new ArrayList<>();
    FileWriteException failure = null;
    synchronized (writing) {
      Map<SessionScan, Long> todo;
      synchronized (this) {
        todo = new HashMap<>(dirty);
      }
      for (Map.Entry<SessionScan, Long> scan : todo.entrySet()) {
        try {
          write(scan.getKey(), scan.getValue(), told);
        } catch (FileWriteException e) {
          failure = e;
        }
      }
      synchronized (this) {
        if (dirty.isEmpty() && journal != null && !todo.isEmpty()) {
          journal.keep(homeless);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return told;
  }

  private void write(SessionScan scan, long change, List<String> told) {
    Map<SliceKey, byte[]> own = new HashMap<>();
    boolean keep;
    Stamp known;
    synchronized (this) {
      slices.forEach(
          (key, slice) -> {
            if (key.scan() == scan.id) {
              own.put(key, slice);
            }
          });
      keep = keepOld.contains(scan);
      known = stamps.getOrDefault(scan, Stamp.NONE);
    }
    Path file = Scribbles.file(scan);
    Path existing = Scribbles.existing(scan);
    boolean foreign = !Stamp.of(existing).equals(known);
    if (Files.exists(existing) && (keep || foreign)) {
      Path copy = keepCopy(existing);
      if (foreign) {
        told.add(
            existing
                + ": was changed by another program while it was open here; its contents are kept as "
                + copy.getFileName()
                + ".");
      }
    }
    Scribbles.write(scan, own, labels.get());
    synchronized (this) {
      stamps.put(scan, Stamp.of(file));
      keepOld.remove(scan);
      if (dirty.get(scan) == change) {
        dirty.remove(scan);
        unsaved.removeIf(key -> key.scan() == scan.id);
      }
    }
  }

  /** Copies a file to {@code FILE.bak}, or {@code FILE.bak2} and so on where there is one. */
  private static Path keepCopy(Path file) {
    try {
      for (int i = 1; ; i++) {
        Path copy = file.resolveSibling(file.getFileName() + ".bak" + (i == 1 ? "" : i));
        if (!Files.exists(copy)) {
          return Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    } catch (IOException e) {
      throw new FileWriteException(
          file + ": cannot be copied before it is replaced (" + e + "); free some space there.", e);
    }
  }

  @Override
  public synchronized void close() {
    if (journal != null) {
      journal.close();
      journal = null;
    }
  }
}
