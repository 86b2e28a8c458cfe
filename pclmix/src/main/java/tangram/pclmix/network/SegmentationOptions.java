package tangram.pclmix.network;

import tangram.pclmix.component.ComponentFilter;

/**
 * How a trained network segments volumes. Nothing here changes its weights.
 *
 * @param components which connected components are kept
 * @param resizing how predictions become as large as the volume
 * @param views what of a slice the network sees
 */
public record SegmentationOptions(ComponentFilter components, Resizing resizing, Views views) {
  /** As the paper's code does: all components, classes by nearest neighbour, one view. */
  public static final SegmentationOptions PLAIN =
      new SegmentationOptions(ComponentFilter.NONE, Resizing.NEAREST, Views.NONE);

  /** How predictions become as large as the volume. */
  public enum Resizing {
    /** The most probable class of the nearest pixel. */
    NEAREST,

    /** Probabilities are resized bilinearly; then the most probable class is taken. */
    BILINEAR
  }

  /** Test-time augmentation: what of a slice the network sees. */
  public enum Views {
    /** The slice as it is. */
    NONE,

    /**
     * The slice in its eight orientations, which quarter turns and flips give; the probabilities,
     * turned back, are averaged.
     */
    FLIPS
  }
}
