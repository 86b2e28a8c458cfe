package tangram.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Indexing, scans, sorting and random numbers. The kernels' first integers are a walk over their
 * operands; see {@link FormulaKernels#place}. s: NaN, which results of a wrong index become.
 */
final class IndexKernels {
  /** Elements of a line that one thread scans. */
  static final int CHUNK = 64;

  /** Threads of a group of {@link #addRows}, which has this number of columns. */
  static final int ROW_THREADS = 64;

  /** Bits of a word that are used: not the sign, which TornadoVM's {@code >>>} moves as such. */
  private static final int BITS = 16;

  private static final int FIRST = FormulaKernels.OPERANDS;
  private static final int SECOND = FIRST + FormulaKernels.OPERAND;
  private static final int THIRD = SECOND + FormulaKernels.OPERAND;
  private static final int FOURTH = THIRD + FormulaKernels.OPERAND;
  private static final int FIFTH = FOURTH + FormulaKernels.OPERAND;

  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;

  private IndexKernels() {}

  /** p: walk over y, x at index 0, index; length and stride of x along the axis, real. */
  static void gather(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(0)) {
      int to = FormulaKernels.place(p, 0, FIRST, i);
      int from = FormulaKernels.place(p, 0, SECOND, i);
      int index = n.get(FormulaKernels.place(p, 0, THIRD, i));
      int good = 0;
      if (index >= 0 && index < p.get(FOURTH)) {
        good = 1;
        from += index * p.get(FOURTH + 1);
      }
      if (p.get(FOURTH + 2) == 1) {
        float value = s.get(0);
        if (good == 1) {
          value = x.get(from);
        }
        x.set(to, value);
      } else {
        int value = Integer.MIN_VALUE;
        if (good == 1) {
          value = n.get(from);
        }
        n.set(to, value);
      }
    }
  }

  /**
   * An element of y takes, in order, those of x whose index is its place.
   *
   * <p>p: walk over y, x and index at the first element of a line, places in y along the axis;
   * number of elements of a line of x, strides of x and index along the axis, length of y, real,
   * add.
   */
  static void scatter(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int e = c.globalIdx;
    if (e < p.get(0)) {
      int to = FormulaKernels.place(p, 0, FIRST, e);
      int from = FormulaKernels.place(p, 0, SECOND, e);
      int at = FormulaKernels.place(p, 0, THIRD, e);
      int mine = FormulaKernels.place(p, 0, FOURTH, e);
      int count = p.get(FIFTH);
      int xStep = p.get(FIFTH + 1);
      int step = p.get(FIFTH + 2);
      int length = p.get(FIFTH + 3);
      int add = p.get(FIFTH + 5);
      int real = p.get(FIFTH + 4);
      int bad = 0;
      float value = 0f;
      int whole = 0;
      if (real == 1) {
        value = x.get(to);
      } else {
        whole = n.get(to);
      }
      for (int i = 0; i < count; i++) {
        int index = n.get(at + i * step);
        if (index == mine && real == 1) {
          float next = x.get(from + i * xStep);
          if (add == 1) {
            next = value + next;
          }
          value = next;
        }
        if (index == mine && real == 0) {
          int next = n.get(from + i * xStep);
          if (add == 1) {
            next = whole + next;
          }
          whole = next;
        }
        if (index < 0 || index >= length) {
          bad = 1;
        }
      }
      if (bad == 1) {
        value = s.get(0);
        whole = Integer.MIN_VALUE;
      }
      if (real == 1) {
        x.set(to, value);
      } else {
        n.set(to, whole);
      }
    }
  }

  /**
   * y[r, :] += the sum of x[i, :] over all i with index[i] = r, in order of i. A group has one r
   * (first dimension) and some columns (second dimension); its threads together note down, as bits
   * of local memory, which i are r's, and then every thread adds up a column.
   *
   * <p>p: walk over the columns of x and y; index, its stride, number of rows of x, strides of the
   * rows of x and y, rows of y.
   */
  static void addRows(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int[] hits = c.allocateIntLocalArray(ROW_THREADS);
    int index = p.get(THIRD);
    int step = p.get(THIRD + 1);
    int rows = p.get(THIRD + 2);
    int length = p.get(THIRD + 5);
    int t = c.localIdx;
    int r = c.groupIdx;
    int col = c.groupIdy * ROW_THREADS + t;
    int from = FormulaKernels.place(p, 0, FIRST, col);
    int to = FormulaKernels.place(p, 0, SECOND, col) + r * p.get(THIRD + 4);
    float sum = 0f;
    for (int first = 0; first < rows; first += ROW_THREADS * BITS) {
      int word = 0;
      int mine = first + t * BITS;
      int count = rows - mine;
      if (count > BITS) {
        count = BITS;
      }
      for (int b = 0; b < count; b++) {
        int found = n.get(index + (mine + b) * step);
        if (found == r) {
          word = word | (1 << b);
        }
        if (found < 0 || found >= length) {
          word = word | (1 << BITS);
        }
      }
      hits[t] = word;
      c.localBarrier();
      if (col < p.get(0)) {
        for (int w = 0; w < ROW_THREADS; w++) {
          int found = hits[w];
          if (found >= (1 << BITS)) {
            sum = s.get(0);
            found = 0;
          }
          for (int i = first + w * BITS; found != 0; i++) {
            if ((found & 1) == 1) {
              sum += x.get(from + i * p.get(THIRD + 3));
            }
            found = found >> 1;
          }
        }
      }
      c.localBarrier();
    }
    if (col < p.get(0)) {
      x.set(to, x.get(to) + sum);
    }
  }

  /**
   * Scans a chunk of a line, and leaves its last result.
   *
   * <p>p: walk over the lines of x and y; strides along the axis, length, parts of a line, totals
   * [parts, lines], reducer, real.
   */
  static void scan(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    int lines = p.get(0);
    if (i < lines * p.get(THIRD + 3)) {
      int part = i / lines;
      int line = i - part * lines;
      int first = part * CHUNK;
      int xStep = p.get(THIRD);
      int yStep = p.get(THIRD + 1);
      int end = p.get(THIRD + 2);
      if (first + CHUNK < end) {
        end = first + CHUNK;
      }
      int from = FormulaKernels.place(p, 0, FIRST, line);
      int to = FormulaKernels.place(p, 0, SECOND, line);
      int product = p.get(THIRD + 5);
      if (p.get(THIRD + 6) == 1) {
        float value = product;
        for (int k = first; k < end; k++) {
          float next = x.get(from + k * xStep);
          if (product == 1) {
            value *= next;
          } else {
            value += next;
          }
          x.set(to + k * yStep, value);
        }
        x.set(p.get(THIRD + 4) + i, value);
      } else {
        int value = product;
        for (int k = first; k < end; k++) {
          int next = n.get(from + k * xStep);
          if (product == 1) {
            value *= next;
          } else {
            value += next;
          }
          n.set(to + k * yStep, value);
        }
        n.set(p.get(THIRD + 4) + i, value);
      }
    }
  }

  /** Takes the scanned totals of the chunks before into every chunk; p as in {@link #scan}. */
  static void scanTotals(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    int lines = p.get(0);
    if (i < lines * (p.get(THIRD + 2) - CHUNK)) {
      int k = i / lines;
      int line = i - k * lines;
      int before = p.get(THIRD + 4) + k / CHUNK * lines + line;
      int to = FormulaKernels.place(p, 0, SECOND, line) + (k + CHUNK) * p.get(THIRD + 1);
      int product = p.get(THIRD + 5);
      if (p.get(THIRD + 6) == 1) {
        float value = x.get(before) + x.get(to);
        if (product == 1) {
          value = x.get(before) * x.get(to);
        }
        x.set(to, value);
      } else {
        int value = n.get(before) + n.get(to);
        if (product == 1) {
          value = n.get(before) * n.get(to);
        }
        n.set(to, value);
      }
    }
  }

  /**
   * Merges pairs of sorted runs of places: every thread finds by bisection how many of the other
   * run come before its own element.
   *
   * <p>p: walk over the lines of x; stride along the axis, length, run, sorted places [lines,
   * length] (negative where each place is its own), merged places, descending, real.
   */
  static void merge(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int t = c.globalIdx;
    int length = p.get(SECOND + 1);
    if (t < p.get(0) * length) {
      int step = p.get(SECOND);
      int width = p.get(SECOND + 2);
      int source = p.get(SECOND + 3);
      int down = p.get(SECOND + 5);
      int real = p.get(SECOND + 6);
      int line = t / length;
      int i = t - line * length;
      int base = line * length;
      int from = FormulaKernels.place(p, 0, FIRST, line);
      int run = i / width;
      int left = 1 - run % 2;
      int other = (run + left + left - 1) * width;
      int low = other;
      int high = other + width;
      if (low > length) {
        low = length;
      }
      if (high > length) {
        high = length;
      }
      other = low;
      int mine = i;
      if (source >= 0) {
        mine = n.get(source + base + i);
      }
      while (low < high) {
        int middle = (low + high) / 2;
        int found = middle;
        if (source >= 0) {
          found = n.get(source + base + middle);
        }
        int a = from + found * step;
        int b = from + mine * step;
        // Of equal elements those of the left run come first.
        int before = 0;
        if (left == 1) {
          before = precedes(x, n, real, down, a, b);
        } else {
          before = 1 - precedes(x, n, real, down, b, a);
        }
        if (before == 1) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      int start = (run - 1 + left) * width;
      n.set(p.get(SECOND + 4) + base + start + i - run * width + low - other, mine);
    }
  }

  /** 1 if one element comes before another; NaN is larger than every number. */
  private static int precedes(FloatArray x, IntArray n, int real, int down, int a, int b) {
    int less = 0;
    int greater = 0;
    if (real == 1) {
      float v = x.get(a);
      float w = x.get(b);
      // Compared apart, since to TornadoVM v >= w is the opposite of v < w.
      int first = 0;
      int second = 0;
      if (v != v) {
        first = 1;
      }
      if (w != w) {
        second = 1;
      }
      if (first + second > 0) {
        less = second > first ? 1 : 0;
        greater = first > second ? 1 : 0;
      } else {
        if (v < w) {
          less = 1;
        }
        if (v > w) {
          greater = 1;
        }
      }
    } else {
      int v = n.get(a);
      int w = n.get(b);
      if (v < w) {
        less = 1;
      }
      if (v > w) {
        greater = 1;
      }
    }
    int result = less;
    if (down == 1) {
      result = greater;
    }
    return result;
  }

  /**
   * Random numbers, see {@link tangram.tensor.CounterRandom#element}.
   *
   * <p>p: walk over y; key (2), block of the first element (2), its word, bound, real, purpose.
   */
  static void random(KernelContext c, FloatArray x, IntArray n, IntArray p, FloatArray s) {
    int i = c.globalIdx;
    if (i < p.get(0)) {
      int to = FormulaKernels.place(p, 0, FIRST, i);
      int k0 = p.get(SECOND);
      int k1 = p.get(SECOND + 1);
      int e = p.get(SECOND + 4) + i;
      int c0 = p.get(SECOND + 2) + e / 4;
      int c1 = p.get(SECOND + 3);
      // The sum of two numbers without sign went over.
      if ((c0 ^ Integer.MIN_VALUE) < (p.get(SECOND + 2) ^ Integer.MIN_VALUE)) {
        c1 += 1;
      }
      int c2 = 0;
      int c3 = p.get(SECOND + 7);
      for (int round = 0; round < 10; round++) {
        int n0 = high(MULTIPLIER_1, c2) ^ c1 ^ k0;
        int n2 = high(MULTIPLIER_0, c0) ^ c3 ^ k1;
        c1 = MULTIPLIER_1 * c2;
        c3 = MULTIPLIER_0 * c0;
        c0 = n0;
        c2 = n2;
        k0 += WEYL_0;
        k1 += WEYL_1;
      }
      int word = c0;
      if (e % 4 == 1) {
        word = c1;
      }
      if (e % 4 == 2) {
        word = c2;
      }
      if (e % 4 == 3) {
        word = c3;
      }
      int value = high(word, p.get(SECOND + 5));
      if (p.get(SECOND + 6) == 1) {
        x.set(to, value);
      } else {
        n.set(to, value);
      }
    }
  }

  /** The upper 32 bits of the product of two numbers without sign, by halves. */
  private static int high(int a, int b) {
    int al = a & 0xFFFF;
    int ah = (a >> 16) & 0xFFFF;
    int bl = b & 0xFFFF;
    int bh = (b >> 16) & 0xFFFF;
    int middle = ah * bl + (((al * bl) >> 16) & 0xFFFF);
    int low = al * bh + (middle & 0xFFFF);
    return ah * bh + ((middle >> 16) & 0xFFFF) + ((low >> 16) & 0xFFFF);
  }
}
