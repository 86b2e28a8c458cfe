package tangram.pclmix.active;

import java.util.List;
import java.util.Optional;

/** A network that learns while somebody draws, and predicts. Called from any thread. */
public interface ActiveModel extends AutoCloseable {
  /** How long to train. */
  enum Mode {
    /** One round. */
    ONCE,
    /** Round after round while strokes come. */
    KEEP
  }

  /**
   * Starts rounds.
   *
   * @throws IllegalStateException if nothing is drawn or one is running; the message is a sentence
   */
  void train(Mode mode);

  /** Ends training after the step under way. */
  void stop();

  /**
   * Tells of new voxels of a stroke.
   *
   * @param index within the slice, row by row
   * @param to the class of each, or K where it was erased
   */
  void changed(SliceKey key, int[] index, byte[] to);

  /** Tells which slice is in view, which is predicted first. */
  void view(SliceKey key);

  /** The latest prediction of a slice, perhaps of an older model. */
  Optional<SlicePrediction> prediction(SliceKey key);

  /** What to draw next, the most useful first. */
  List<Candidate> next(int count);

  /**
   * Goes back to an earlier model.
   *
   * @throws IllegalArgumentException if it is not kept; the message is a sentence
   */
  void back(int model);

  /** How it stands. */
  Status status();

  @Override
  void close();

  /**
   * A slice to draw in.
   *
   * @param score the greater, the more useful
   * @param why a few words
   */
  record Candidate(SliceKey key, double score, String why) {}

  /**
   * How far predictions agreed with scribbles of a class.
   *
   * @param label the class
   * @param part from 0 to 1
   * @param voxels number of scribbled voxels compared
   */
  record ClassAgreement(int label, double part, int voxels) {}

  /**
   * How a model stands.
   *
   * @param model number of the model, 0 before any round
   * @param start what the weights began as: {@code phantoms}, {@code file NAME} or {@code random}
   * @param slices number of slices that it was trained on
   * @param madeAtMillis when it was made, milliseconds since 1970; 0 before any round
   * @param kept the models that one can go back to
   * @param running whether it is being trained
   * @param mode how long it is being trained; null if it is not
   * @param step steps of the round that are done
   * @param steps steps of the round
   * @param losses the total loss of the round's steps
   * @param secondsLeft about how long the round goes on; 0 if it is not known
   * @param agreement of the newest strokes with what was predicted before they trained
   * @param heldOut of all scribbles of patients that never train
   * @param decoders mean Dice between the two decoders; NaN where there is one or it is not known
   * @param changed part of the voxels whose class the last round changed; NaN if not known
   * @param settled whether less than 1% changed in two rounds
   * @param note a sentence about the last round, or null
   */
  record Status(
      int model,
      String start,
      int slices,
      long madeAtMillis,
      List<Integer> kept,
      boolean running,
      Mode mode,
      int step,
      int steps,
      double[] losses,
      double secondsLeft,
      List<ClassAgreement> agreement,
      List<ClassAgreement> heldOut,
      double decoders,
      double changed,
      boolean settled,
      String note) {}

  /** Told from the trainer's thread; must return at once. */
  interface Listener {
    /** A step is done. */
    default void step() {}

    /** A round is done or undone, or the model is another. */
    default void round() {}

    /** A slice has a new prediction. */
    default void predicted(SliceKey key) {}

    /** What to draw next may be another. */
    default void next() {}

    /** Training failed. */
    default void failed(String sentence) {}
  }
}
