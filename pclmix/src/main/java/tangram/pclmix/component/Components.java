package tangram.pclmix.component;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The connected components of a class volume: voxels of one foreground class that are connected by
 * faces, in the slice and across slices.
 */
final class Components {
  private final int height;
  private final int width;

  /** For every voxel the number of its component; -1 in the background. */
  private final int[] numbers;

  /** In the order of their first voxels. */
  private final List<Component> all = new ArrayList<>();

  /**
   * A component.
   *
   * @param number from 0 in the order of the first voxels
   * @param label its class
   * @param size number of voxels
   */
  record Component(int number, int label, int size) {}

  private Components(int height, int width, int voxels) {
    this.height = height;
    this.width = width;
    this.numbers = new int[voxels];
  }

  /** Finds the components of classes [depth, height, width]; class 0 is the background. */
  static Components of(byte[] classes, int depth, int height, int width) {
    if (classes.length != Math.multiplyExact(depth, Math.multiplyExact(height, width))) {
      throw new IllegalArgumentException(
          classes.length + " voxels are no volume of " + depth + "x" + height + "x" + width);
    }
    Components components = new Components(height, width, classes.length);
    components.fill(classes);
    return components;
  }

  private void fill(byte[] classes) {
    Arrays.fill(numbers, -1);
    int plane = height * width;
    int[] queue = new int[16];
    for (int seed = 0; seed < classes.length; seed++) {
      if (classes[seed] == 0 || numbers[seed] >= 0) {
        continue;
      }
      int number = all.size();
      byte label = classes[seed];
      int end = 1;
      queue[0] = seed;
      numbers[seed] = number;
      for (int i = 0; i < end; i++) {
        int voxel = queue[i];
        int x = voxel % width;
        int y = voxel % plane / width;
        if (end + 6 > queue.length) {
          queue = Arrays.copyOf(queue, 2 * queue.length);
        }
        for (int face = 0; face < 6; face++) {
          int next = neighbour(voxel, x, y, plane, face, classes.length);
          if (next >= 0 && classes[next] == label && numbers[next] < 0) {
            numbers[next] = number;
            queue[end++] = next;
          }
        }
      }
      all.add(new Component(number, label, end));
    }
  }

  /** The voxel beyond a face, or -1 outside. */
  private int neighbour(int voxel, int x, int y, int plane, int face, int voxels) {
    switch (face) {
      case 0:
        return x > 0 ? voxel - 1 : -1;
      case 1:
        return x < width - 1 ? voxel + 1 : -1;
      case 2:
        return y > 0 ? voxel - width : -1;
      case 3:
        return y < height - 1 ? voxel + width : -1;
      case 4:
        return voxel - plane;
      default:
        return voxel + plane < voxels ? voxel + plane : -1;
    }
  }

  /** The components of a class, the largest first, equal ones in the order of first voxels. */
  List<Component> of(int label) {
    return all.stream()
        .filter(c -> c.label() == label)
        .sorted(Comparator.comparingInt(Component::size).reversed())
        .toList();
  }

  /** The classes that there are. */
  List<Integer> labels() {
    return all.stream().map(Component::label).distinct().toList();
  }

  /**
   * The largest component of a class that some components meet when they grow by so many pixels
   * within their slices, diagonally too; the first of equal ones.
   */
  Optional<Component> largestMet(Set<Component> growing, int pixels, int label) {
    boolean[] grows = new boolean[all.size()];
    growing.forEach(c -> grows[c.number()] = true);
    Set<Component> met = new HashSet<>();
    for (int voxel = 0; voxel < numbers.length; voxel++) {
      if (numbers[voxel] < 0 || !grows[numbers[voxel]]) {
        continue;
      }
      int x = voxel % width;
      int y = voxel / width % height;
      int slice = voxel - y * width - x;
      for (int v = Math.max(0, y - pixels); v <= Math.min(height - 1, y + pixels); v++) {
        for (int u = Math.max(0, x - pixels); u <= Math.min(width - 1, x + pixels); u++) {
          int number = numbers[slice + v * width + u];
          if (number >= 0 && all.get(number).label() == label) {
            met.add(all.get(number));
          }
        }
      }
    }
    return of(label).stream().filter(met::contains).findFirst();
  }

  /** The classes with everything but some components made background. */
  byte[] only(Set<Component> kept) {
    byte[] classes = new byte[numbers.length];
    byte[] label = new byte[all.size()];
    kept.forEach(c -> label[c.number()] = (byte) c.label());
    for (int i = 0; i < classes.length; i++) {
      classes[i] = numbers[i] < 0 ? 0 : label[numbers[i]];
    }
    return classes;
  }
}
