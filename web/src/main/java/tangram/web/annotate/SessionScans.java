package tangram.web.annotate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import tangram.nn.FileFormatException;
import tangram.nn.data.DataException;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Notices;
import tangram.pclmix.data.Spelling;
import tangram.pclmix.prediction.ScanFiles;
import tangram.web.annotate.SessionFile.SavedScan;

/** Finds and reads the scans of a folder and their scribbles. */
final class SessionScans {
  private final Path folder;
  private final ScribbleStore store;
  private final List<SessionScan> scans = new CopyOnWriteArrayList<>();

  /** What is to be told of the folder as a whole; null where all is well. */
  private volatile String notice;

  SessionScans(Path folder, ScribbleStore store) {
    this.folder = folder;
    this.store = store;
  }

  /** All scans; the index is the scan's number. */
  List<SessionScan> all() {
    return scans;
  }

  /** What is to be told of the folder as a whole; null where all is well. */
  String notice() {
    return notice;
  }

  /**
   * Reads all.
   *
   * @param saved what is known of some
   * @param rewriting a further number that means unlabelled, or -1
   * @param journal what has been saved after the scribbles were written
   */
  void open(List<SavedScan> saved, Labels labels, int rewriting, List<Journal.Entry> journal) {
    saved.forEach(this::add);
    find();
    scans.parallelStream().forEach(this::read);
    scans.forEach(scan -> readScribble(scan, labels, rewriting));
    journal.forEach(this::replay);
    scans.forEach(this::accept);
  }

  /**
   * Looks for files that are new, gone or others than before.
   *
   * @return those that have been read
   */
  List<SessionScan> look(Labels labels, int rewriting) {
    List<SessionScan> again = new ArrayList<>(find());
    Map<SessionScan, NiftiHeader> before = new HashMap<>();
    for (SessionScan scan : scans) {
      if (!again.contains(scan) && !Stamp.of(scan.file).equals(scan.stamp)) {
        before.put(scan, scan.header);
        again.add(scan);
      }
    }
    again.parallelStream().forEach(this::read);
    for (SessionScan scan : again) {
      if (store.isKnown(scan)) {
        requireSameSize(scan, before.get(scan));
      } else {
        readScribble(scan, labels, rewriting);
      }
      accept(scan);
    }
    rehome();
    return again;
  }

  private void add(SavedScan saved) {
    SessionScan scan = new SessionScan(scans.size(), folder.resolve(saved.file()).normalize());
    if (!folder.equals(scan.file.getParent())) {
      throw new FileFormatException(
          folder.resolve(Session.OWN).resolve(SessionFile.NAME)
              + ": names a file outside its folder; correct it.");
    }
    scan.sha256 = saved.sha256();
    scan.patient = saved.patient();
    scan.heldOut = saved.heldOut();
    scan.window = saved.window();
    scan.zeroIsBackground = saved.zeroIsBackground();
    saved.skipped().forEach(at -> scan.skipped.add(new SliceKey(scan.id, at[0], at[1])));
    scans.add(scan);
  }

  /** Adds the scans that are new in the folder. */
  private List<SessionScan> find() {
    List<Path> files = List.of();
    notice = null;
    try {
      files = ScanFiles.find(List.of(folder), new Notices());
    } catch (DataException e) {
      notice = e.getMessage();
    }
    Set<Path> known = new HashSet<>();
    scans.forEach(scan -> known.add(scan.file));
    List<SessionScan> found = new ArrayList<>();
    for (Path path : files) {
      if (!Spelling.isKnown(path)) {
        notice = Spelling.sentence(path.toString());
      } else if (!known.contains(path)) {
        SessionScan scan = new SessionScan(scans.size(), path);
        scan.heldOut = scans.stream().anyMatch(s -> s.patient.equals(scan.patient) && s.heldOut);
        scans.add(scan);
        found.add(scan);
      }
    }
    return found;
  }

  /** Reads a scan whole, so that all that is wrong with it is told now. */
  void read(SessionScan scan) {
    scan.stamp = Stamp.of(scan.file);
    scan.set(SessionScan.State.OK, null);
    try {
      for (SessionScan other : scans.subList(0, scan.id)) {
        if (other.name.equals(scan.name)) {
          throw new DataException(
              scan.file
                  + ": its scribble would have the same name as that of "
                  + other.fileName()
                  + "; move one of the two away.");
        }
      }
      ScanCheck.read(folder, scan);
    } catch (DataException e) {
      scan.set(SessionScan.State.REFUSED, e.getMessage());
    } catch (OutOfMemoryError e) {
      scan.set(
          SessionScan.State.REFUSED,
          scan.file + ": needs more memory than there is; crop it, or give Java more.");
    }
  }

  /** Reads a scan's scribble, if there is one. */
  void readScribble(SessionScan scan, Labels labels, int rewriting) {
    Path scribble = Scribbles.existing(scan);
    if (scan.usable() && Files.exists(scribble)) {
      try {
        ScanCheck.requireInside(folder, scribble);
        Scribbles.Found found =
            Scribbles.read(scribble, scan, labels, rewriting, scan.zeroIsBackground);
        if (found.asks()) {
          scan.set(
              SessionScan.State.QUESTION,
              scribble
                  + ": most of it is 0 and nothing is "
                  + labels.unlabelledInFiles()
                  + " (unlabelled); say whether its zeros mean unlabelled or background.");
          return;
        }
        store.load(scan, found.slices(), scribble);
      } catch (DataException e) {
        scan.set(SessionScan.State.REFUSED, e.getMessage());
      }
    }
  }

  /** Takes a scan that is another than before, where nothing depends on the old one. */
  private void accept(SessionScan scan) {
    if (scan.state == SessionScan.State.CHANGED && !store.isDrawn(scan) && scan.skipped.isEmpty()) {
      scan.sha256 = Stamp.sha256(scan.file);
      scan.set(SessionScan.State.OK, null);
    }
  }

  /** What is drawn has no place on a file of another size. */
  private static void requireSameSize(SessionScan scan, NiftiHeader drawn) {
    NiftiHeader now = scan.header;
    if (now.frames() != drawn.frames()
        || now.depth() != drawn.depth()
        || now.height() != drawn.height()
        || now.width() != drawn.width()) {
      scan.header = drawn;
      scan.set(
          SessionScan.State.REFUSED,
          scan.file + ": has another size than the file that was drawn on; put that file back.");
    }
  }

  /** Takes what the journal has kept of scans that could not be read before. */
  void rehome() {
    store.takeHomeless().forEach(this::replay);
  }

  private void replay(Journal.Entry entry) {
    for (SessionScan scan : scans) {
      SliceKey key = new SliceKey(scan.id, entry.frame(), entry.slice());
      if (scan.fileName().equals(entry.file())
          && scan.usable()
          && scan.has(entry.frame(), entry.slice())
          && entry.labels().length == scan.plane()
          && Scribbles.isOf(entry.labels(), store.labels())) {
        store.replay(scan, key, entry.labels());
        return;
      }
    }
    store.keepHomeless(entry);
  }
}
