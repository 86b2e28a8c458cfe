package tangram.web.annotate;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import tangram.pclmix.active.ActiveScan;
import tangram.pclmix.active.SliceKey;
import tangram.pclmix.data.CaseName;
import tangram.pclmix.data.NiftiHeader;

/** A scan of a session. What changes is guarded by the session's lock. */
final class SessionScan {
  /** What may be done with a scan. */
  enum State {
    /** All. */
    OK,
    /** It is not the file that was drawn on: it is shown and not drawn on. */
    CHANGED,
    /** It, or its scribble, cannot be read. */
    REFUSED,
    /** Somebody must say what the zeros of its scribble mean. */
    QUESTION
  }

  final int id;
  final Path file;
  final String name;
  final Set<SliceKey> skipped = new TreeSet<>();
  String sha256 = "";
  String patient;
  boolean heldOut;
  double[] window;
  boolean zeroIsBackground;

  /** Null where the file cannot be read. */
  NiftiHeader header;

  State state = State.OK;

  /** A sentence, but where all is well. */
  String reason;

  boolean hasTruth;

  /** The scan's file as it was read. */
  Stamp stamp;

  SessionScan(int id, Path file) {
    this.id = id;
    this.file = file;
    this.name = CaseName.withoutExtension(file);
    this.patient = patientOf(name);
  }

  /** What stands before the frame, or else the first part of the name. */
  static String patientOf(String name) {
    int end = name.indexOf("_frame");
    end = end > 0 ? end : name.indexOf('_');
    return end > 0 ? name.substring(0, end) : name;
  }

  /** The file's name in its folder. */
  String fileName() {
    return file.getFileName().toString();
  }

  void set(State state, String reason) {
    this.state = state;
    this.reason = reason;
  }

  /** Whether it can be shown, learnt from and predicted. */
  boolean usable() {
    return header != null && (state == State.OK || state == State.CHANGED);
  }

  /** Whether there is such a slice. */
  boolean has(int frame, int slice) {
    return header != null
        && frame >= 0
        && frame < header.frames()
        && slice >= 0
        && slice < header.depth();
  }

  /** The voxels of a slice. */
  int plane() {
    return header.height() * header.width();
  }

  ActiveScan active() {
    boolean known = header != null;
    return new ActiveScan(
        name,
        patient,
        heldOut,
        known ? header.frames() : 0,
        known ? header.depth() : 0,
        known ? header.height() : 0,
        known ? header.width() : 0,
        known ? header.spacing() : new double[] {1, 1, 1},
        usable());
  }
}
