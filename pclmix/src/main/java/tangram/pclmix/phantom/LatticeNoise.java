package tangram.pclmix.phantom;

import tangram.tensor.CounterRandom;

/**
 * Smooth random texture in three dimensions: uniform values on a periodic lattice, blended with the
 * cubic s-curve ("value noise"). Being a function of space it continues from slice to slice.
 */
final class LatticeNoise {
  private static final int SIDE = 16;
  private static final int LAYERS = 8;

  private final float[] lattice = new float[LAYERS * SIDE * SIDE];

  LatticeNoise(CounterRandom random) {
    for (int i = 0; i < lattice.length; i++) {
      lattice[i] = 2 * random.nextFloat() - 1;
    }
  }

  /** The texture at a point in units of lattice cells, within [-1, 1]. */
  double at(double x, double y, double z) {
    int x0 = (int) Math.floor(x);
    int y0 = (int) Math.floor(y);
    int z0 = (int) Math.floor(z);
    double fx = smooth(x - x0);
    double fy = smooth(y - y0);
    double near = layer(x0, y0, z0, fx, fy);
    double far = layer(x0, y0, z0 + 1, fx, fy);
    return near + (far - near) * smooth(z - z0);
  }

  private double layer(int x0, int y0, int z0, double fx, double fy) {
    int left = x0 & (SIDE - 1);
    int right = (x0 + 1) & (SIDE - 1);
    int base = (z0 & (LAYERS - 1)) * SIDE * SIDE;
    int top = base + (y0 & (SIDE - 1)) * SIDE;
    int bottom = base + ((y0 + 1) & (SIDE - 1)) * SIDE;
    double upper = lattice[top + left] + (lattice[top + right] - lattice[top + left]) * fx;
    double lower = lattice[bottom + left] + (lattice[bottom + right] - lattice[bottom + left]) * fx;
    return upper + (lower - upper) * fy;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }
}
