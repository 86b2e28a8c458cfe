package tangram.pclmix.prediction;

/**
 * How much room every class takes in one volume.
 *
 * @param name the scan's name
 * @param frame which volume of the scan, from 0
 * @param frames number of volumes of the scan
 * @param slices number of slices
 * @param voxels number of voxels of every class 0..K-1
 * @param spacing distance between voxel centres in mm, {z, y, x}; null where unknown
 */
public record ClassVolumes(
    String name, int frame, int frames, int slices, long[] voxels, double[] spacing) {
  private static final double MM3_PER_ML = 1000;

  /** Whether the volumes can be given in millilitres. */
  public boolean hasMillilitres() {
    return spacing != null;
  }

  /** The volume of a class in millilitres; NaN where the spacing is unknown. */
  public double millilitres(int label) {
    return spacing == null
        ? Double.NaN
        : voxels[label] * spacing[0] * spacing[1] * spacing[2] / MM3_PER_ML;
  }
}
