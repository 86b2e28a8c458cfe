package tangram.pclmix.active;

import java.util.Comparator;

/**
 * A slice of a session.
 *
 * @param scan number of the scan among {@link ActiveData#scans}
 * @param frame number of the frame, from 0
 * @param slice number of the slice within the frame, from 0
 */
public record SliceKey(int scan, int frame, int slice) implements Comparable<SliceKey> {
  private static final Comparator<SliceKey> ORDER =
      Comparator.comparingInt(SliceKey::scan)
          .thenComparingInt(SliceKey::frame)
          .thenComparingInt(SliceKey::slice);

  @Override
  public int compareTo(SliceKey other) {
    return ORDER.compare(this, other);
  }
}
