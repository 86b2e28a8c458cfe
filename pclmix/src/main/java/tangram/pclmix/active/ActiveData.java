package tangram.pclmix.active;

import java.util.List;
import java.util.Set;
import tangram.pclmix.data.Labels;

/**
 * What a session gives to learn from and to predict. Called from any thread; what it returns are
 * copies or never changes.
 */
public interface ActiveData {
  /** What the classes are. */
  Labels labels();

  /** All scans; the index is {@link SliceKey#scan}. */
  List<ActiveScan> scans();

  /** Intensities as stored (slope and intercept applied), not normalised, [height][width]. */
  float[] image(SliceKey key);

  /**
   * Classes 0..K-1, and K where nothing is drawn, [height][width].
   *
   * @return null if nothing is drawn in the slice
   */
  byte[] scribble(SliceKey key);

  /** Slices with at least one labelled voxel. */
  Set<SliceKey> drawn();

  /** Slices that a person has looked at and found nothing to draw in. */
  Set<SliceKey> skipped();
}
