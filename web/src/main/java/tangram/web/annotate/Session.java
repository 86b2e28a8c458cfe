package tangram.web.annotate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tangram.nn.AtomicFile;
import tangram.nn.FileWriteException;
import tangram.nn.data.DataException;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.ActiveScan;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.NiftiImage;
import tangram.pclmix.training.FolderLock;
import tangram.web.annotate.SessionFile.Saved;
import tangram.web.annotate.SessionFile.SavedScan;

/**
 * A folder of scans that is annotated. Nobody else writes to it meanwhile. Safe for use by several
 * threads.
 */
final class Session implements ActiveData, AutoCloseable {
  /** The folder of what the program keeps, in the folder of the scans. */
  static final String OWN = "annotate";

  private final Path folder;
  private final Path file;
  private final Images images = new Images();
  private final ScribbleStore store = new ScribbleStore(this::labels);
  private final SessionScans found;

  /** As found; the same list. */
  private final List<SessionScan> scans;

  private volatile Labels labels;
  private int rewriting = -1;
  private FolderLock lock;

  /** Why nothing can be written; null where it can. */
  private String readOnly;

  private Session(Path folder) {
    this.folder = folder;
    file = own(SessionFile.NAME);
    found = new SessionScans(folder, store);
    scans = found.all();
  }

  /**
   * Opens a folder, with what an earlier session left there.
   *
   * @param given the classes of a new session; null for those of the heart
   * @throws DataException if it is no folder, or its session has other classes
   * @throws FileWriteException if another process has opened it
   * @throws tangram.nn.FileFormatException if what an earlier session left is damaged
   */
  static Session open(Path folder, Labels given) {
    return open(folder, given, FileMedium::open);
  }

  static Session open(Path folder, Labels given, Journal.Opener opener) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": there is no such folder; name the folder of the scans.");
    }
    Session session = new Session(folder.toAbsolutePath().normalize());
    session.takeLock();
    try {
      session.begin(given, opener);
      return session;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private void takeLock() {
    Optional<FolderLock> taken;
    try {
      taken = FolderLock.tryOf(folder.resolve(OWN));
    } catch (FileWriteException e) {
      readOnly = folder + ": cannot be written to, so nothing can be drawn; make it writable.";
      return;
    }
    lock =
        taken.orElseThrow(
            () ->
                new FileWriteException(
                    folder + ": is being annotated by another process; use its page, or stop it."));
  }

  private void begin(Labels given, Journal.Opener opener) {
    if (readOnly == null) {
      // What a process that was killed was writing.
      AtomicFile.sweep(folder, name -> name.endsWith("_scribble.nii.gz"));
      AtomicFile.sweep(folder.resolve(OWN), name -> true);
    }
    Saved saved = SessionFile.read(file).orElse(null);
    labels = saved != null ? saved.labels() : given != null ? given : Labels.HEART;
    SessionFile.requireSame(file, labels, given);
    rewriting = saved == null ? -1 : saved.rewriting();
    Path journal = own(Journal.NAME);
    found.open(saved == null ? List.of() : saved.scans(), labels, rewriting, Journal.read(journal));
    if (readOnly == null) {
      store.open(Journal.open(journal, opener));
      settle();
      keep();
    }
  }

  /** Writes session.json. */
  synchronized void keep() {
    List<SavedScan> saved = new ArrayList<>();
    for (SessionScan scan : scans) {
      saved.add(
          new SavedScan(
              scan.fileName(),
              scan.sha256,
              scan.patient,
              scan.heldOut,
              scan.window,
              scan.skipped.stream().map(k -> new int[] {k.frame(), k.slice()}).toList(),
              scan.zeroIsBackground));
    }
    SessionFile.write(file, new Saved(labels, rewriting, saved));
  }

  /** Looks for files that are new, gone or others than before. */
  synchronized void look() {
    found.look(labels, rewriting).forEach(images::forget);
    if (readOnly == null) {
      keep();
    }
  }

  /**
   * Gives the session other classes: more, other names or colours, or fewer where those are not
   * drawn. All scribble files are rewritten where another number means unlabelled then.
   *
   * @throws IllegalArgumentException if a class that goes is drawn; the message is a sentence
   */
  synchronized void relabel(Labels to) {
    if (to.count() < labels.count() && store.isUsed(to.count())) {
      throw new IllegalArgumentException(
          "A class that is drawn cannot be removed; rename it, or erase it first.");
    }
    settle();
    // What is in files and in the journal now has the old number, or none.
    store.flush();
    Labels before = labels;
    if (to.unlabelledInFiles() != before.unlabelledInFiles()) {
      requireReadable();
      rewriting = before.unlabelledInFiles();
    }
    labels = to;
    try {
      keep();
    } catch (FileWriteException e) {
      labels = before;
      rewriting = -1;
      throw e;
    }
    settle();
  }

  /** In a file that cannot be read unlabelled voxels cannot get another number. */
  private void requireReadable() {
    for (SessionScan scan : scans) {
      Path scribble = Scribbles.existing(scan);
      if (!scan.usable() && Files.exists(scribble)) {
        throw new IllegalArgumentException(
            scribble
                + " cannot be read, so the number of classes cannot change; repair it first, or move"
                + " the file away.");
      }
    }
  }

  /**
   * Finishes what a change of classes began. Until that is done either number means unlabelled, so
   * a new class must not be drawn.
   */
  private void settle() {
    if (rewriting >= 0) {
      finishRewriting();
      keep();
    }
  }

  private void finishRewriting() {
    for (SessionScan scan : scans) {
      if (scan.usable() && Files.exists(Scribbles.existing(scan))) {
        store.rewrite(scan);
      }
    }
    store.flush();
    rewriting = -1;
  }

  /**
   * Saves a slice.
   *
   * @param expected the revision that the change was made from
   * @return what was there before
   */
  synchronized byte[] put(SessionScan scan, SliceKey key, byte[] slice, long expected) {
    settle();
    return store.put(scan, key, slice, expected);
  }

  /** Says what the zeros of a scan's scribble mean. */
  synchronized void answer(SessionScan scan, boolean zeroIsUnlabelled) {
    Path scribble = Scribbles.existing(scan);
    found.read(scan);
    if (zeroIsUnlabelled && scan.usable()) {
      Scribbles.Found read = Scribbles.read(scribble, scan, labels, rewriting, true);
      store.load(scan, Scribbles.withoutZeros(read.slices()), scribble);
      store.rewrite(scan);
      store.flush();
    } else {
      scan.zeroIsBackground = true;
      found.readScribble(scan, labels, rewriting);
      keep();
    }
    found.rehome();
  }

  /** A file of the program's own folder. */
  Path own(String name) {
    return folder.resolve(OWN).resolve(name);
  }

  /** The folder of the scans. */
  Path folder() {
    return folder;
  }

  /** Why nothing can be written; null where it can. */
  String readOnly() {
    return readOnly;
  }

  /** What is to be told of the folder as a whole; null where all is well. */
  String notice() {
    return found.notice();
  }

  List<SessionScan> all() {
    return scans;
  }

  ScribbleStore store() {
    return store;
  }

  /** A scan's image. */
  NiftiImage image(SessionScan scan) {
    return images.of(scan);
  }

  @Override
  public Labels labels() {
    return labels;
  }

  @Override
  public synchronized List<ActiveScan> scans() {
    return scans.stream().map(SessionScan::active).toList();
  }

  @Override
  public float[] image(SliceKey key) {
    return images.of(scans.get(key.scan())).floats(key.frame(), key.slice());
  }

  @Override
  public byte[] scribble(SliceKey key) {
    byte[] slice = store.get(key);
    if (slice == null) {
      return null;
    }
    byte unlabelled = labels.unlabelled();
    byte[] result = slice.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = result[i] == Scribbles.NONE ? unlabelled : result[i];
    }
    return result;
  }

  @Override
  public Set<SliceKey> drawn() {
    return store.counts().keySet();
  }

  @Override
  public synchronized Set<SliceKey> skipped() {
    Set<SliceKey> skipped = new TreeSet<>();
    scans.forEach(scan -> skipped.addAll(scan.skipped));
    return skipped;
  }

  /** Gives the folder back; what is not in files is in the journal. */
  @Override
  public void close() {
    store.close();
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
