package tangram.pclmix.active;

/**
 * A scan of a session: a volume, or several frames of one.
 *
 * @param name the file's name without extension
 * @param patient whom it shows, any text
 * @param heldOut whether its scribbles judge and never train
 * @param frames number of frames
 * @param depth slices of a frame
 * @param height rows of a slice
 * @param width columns of a slice
 * @param spacing distance between voxel centres in mm, {z, y, x}
 * @param usable whether it can be read, learnt from and predicted
 */
public record ActiveScan(
    String name,
    String patient,
    boolean heldOut,
    int frames,
    int depth,
    int height,
    int width,
    double[] spacing,
    boolean usable) {}
