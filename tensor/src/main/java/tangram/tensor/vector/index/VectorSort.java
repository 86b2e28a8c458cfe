package tangram.tensor.vector.index;

import java.util.Arrays;
import tangram.tensor.DType;
import tangram.tensor.HostArrays;
import tangram.tensor.View;
import tangram.tensor.Walk;
import tangram.tensor.vector.elementwise.Copies;
import tangram.tensor.vector.runtime.VectorTiles;

/**
 * Stable sorting by places. Elements become integers of the same order, and these are sorted digit
 * by digit, the lowest first; short lines by insertion.
 */
final class VectorSort {
  private static final int SHORT = 48;

  private final int length;
  private final int digit;
  private long[] keys;
  private int[] order;
  private long[] otherKeys;
  private int[] otherOrder;
  private final int[] starts;

  private VectorSort(int length) {
    this.length = length;
    // Counting digits costs as much as moving some thousand elements.
    this.digit = length < 1 << 13 ? 8 : 11;
    this.keys = new long[length];
    this.order = new int[length];
    this.otherKeys = new long[length];
    this.otherOrder = new int[length];
    this.starts = new int[1 << digit];
  }

  static void run(View x, int axis, boolean descending, View places) {
    Walk lines = new Walk(VectorIndexing.others(places, axis), x, places);
    int length = x.dims()[axis];
    if (length == 0) {
      return;
    }
    int xs = x.strides()[axis];
    int ps = places.strides()[axis];
    Object to = places.buffer().storage();
    VectorTiles.run(
        lines.size(),
        VectorTiles.items(16L * length),
        (from, end) -> {
          VectorSort sort = new VectorSort(length);
          for (int line = from; line < end; line++) {
            sort.load(x, lines.place(0, line), xs, descending);
            sort.sort(x.type() == DType.F64 || x.type() == DType.I64 ? 64 : 32);
            int at = lines.place(1, line);
            Copies.copy(DType.I32, sort.order, 0, 1, places.type(), to, at, ps, length);
          }
        });
  }

  /** Keys whose order, without sign, is that of the elements. */
  private void load(View x, int at, int stride, boolean descending) {
    Object storage = x.buffer().storage();
    long flip = descending ? -1 : 0;
    for (int i = 0; i < length; i++) {
      int from = at + i * stride;
      // Adding 0 makes -0 equal 0.
      keys[i] =
          flip
              ^ switch (x.type()) {
                case F32 -> key(Float.floatToIntBits(((float[]) storage)[from] + 0f));
                case F64 -> key(Double.doubleToLongBits(((double[]) storage)[from] + 0.0));
                case I32 -> ((int[]) storage)[from] ^ Integer.MIN_VALUE;
                case I64 -> ((long[]) storage)[from] ^ Long.MIN_VALUE;
                case BOOL -> ((byte[]) storage)[from];
                case F16, BF16 ->
                    key(Float.floatToIntBits((float) HostArrays.real(storage, from) + 0f));
              };
      order[i] = i;
    }
  }

  /** Of negative numbers all bits are turned, of others the sign. */
  private static int key(int bits) {
    return bits ^ (bits >> 31 | Integer.MIN_VALUE);
  }

  private static long key(long bits) {
    return bits ^ (bits >> 63 | Long.MIN_VALUE);
  }

  private void sort(int bits) {
    if (length < SHORT) {
      insert(bits);
      return;
    }
    int mask = (1 << digit) - 1;
    for (int shift = 0; shift < bits; shift += digit) {
      // The keys of 32 bits have copies of their sign above.
      int used = Math.min(mask, (int) ((1L << Math.min(digit, bits - shift)) - 1));
      Arrays.fill(starts, 0);
      for (int i = 0; i < length; i++) {
        starts[(int) (keys[i] >>> shift) & used]++;
      }
      if (starts[(int) (keys[0] >>> shift) & used] == length) {
        continue;
      }
      int sum = 0;
      for (int d = 0; d <= used; d++) {
        int count = starts[d];
        starts[d] = sum;
        sum += count;
      }
      for (int i = 0; i < length; i++) {
        int to = starts[(int) (keys[i] >>> shift) & used]++;
        otherKeys[to] = keys[i];
        otherOrder[to] = order[i];
      }
      long[] k = keys;
      keys = otherKeys;
      otherKeys = k;
      int[] o = order;
      order = otherOrder;
      otherOrder = o;
    }
  }

  private void insert(int bits) {
    long unsigned = bits == 64 ? Long.MIN_VALUE : 0;
    long used = bits == 64 ? -1 : 0xFFFFFFFFL;
    for (int i = 0; i < length; i++) {
      long key = (keys[i] & used) ^ unsigned;
      int place = order[i];
      int j = i;
      for (; j > 0 && keys[j - 1] > key; j--) {
        keys[j] = keys[j - 1];
        order[j] = order[j - 1];
      }
      keys[j] = key;
      order[j] = place;
    }
  }
}
