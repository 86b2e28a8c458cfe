package tangram.tensor.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import tangram.tensor.Autograd;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;
import tangram.tensor.Tracer;
import tangram.tensor.kernel.Sparse;

/** What an operation does along one dimension, as a sparse matrix [out, in] in host memory. */
final class AxisMatrix {
  private final int in;
  private final Map<Integer, Double>[] rows;

  @SuppressWarnings("unchecked")
  AxisMatrix(int out, int in) {
    this.in = in;
    this.rows = (Map<Integer, Double>[]) new Map<?, ?>[out];
    Arrays.setAll(rows, i -> new TreeMap<>());
  }

  /** Adds to an element. */
  void add(int row, int column, double weight) {
    rows[row].merge(column, weight, Double::sum);
  }

  private AxisMatrix transposed() {
    AxisMatrix t = new AxisMatrix(in, rows.length);
    for (int i = 0; i < rows.length; i++) {
      for (Map.Entry<Integer, Double> e : rows[i].entrySet()) {
        t.add(e.getKey(), i, e.getValue());
      }
    }
    return t;
  }

  /** On a device. */
  private Sparse on(Device device, DType type, List<Tensor> held) {
    int[] start = new int[rows.length + 1];
    for (int i = 0; i < rows.length; i++) {
      start[i + 1] = start[i] + rows[i].size();
    }
    int[] column = new int[start[rows.length]];
    double[] weight = new double[column.length];
    int n = 0;
    for (Map<Integer, Double> row : rows) {
      for (Map.Entry<Integer, Double> e : row.entrySet()) {
        column[n] = e.getKey();
        weight[n++] = e.getValue();
      }
    }
    Tensor starts = device.tensor(start);
    Tensor columns = device.tensor(column);
    Tensor weights = device.uninitialized(type, Shape.of(n)).copyFrom(weight, 0);
    held.addAll(List.of(starts, columns, weights));
    return new Sparse(rows.length, in, starts.buffer(), columns.buffer(), weights.buffer());
  }

  /**
   * A matrix and its transpose on a device.
   *
   * @param held owns their memory
   */
  record Pair(Sparse forward, Sparse adjoint, List<Tensor> held) {
    /** The identity. */
    static Pair identity(int size) {
      return new Pair(Sparse.identity(size), Sparse.identity(size), List.of());
    }

    /**
     * The matrices for a key, made once for a device and type.
     *
     * @param key what they depend on beside the operation
     */
    static Pair of(Tensor x, Object key, Supplier<AxisMatrix> make) {
      return x.device()
          .constant(
              Pair.class,
              Arrays.asList(key, x.type()),
              () -> {
                AxisMatrix matrix = make.get();
                List<Tensor> held = new ArrayList<>();
                return new Pair(
                    matrix.on(x.device(), x.type(), held),
                    matrix.transposed().on(x.device(), x.type(), held),
                    held);
              });
    }

    /** The matrix [in, out] in row-major order; null for the identity. */
    private double[] dense() {
      if (held.isEmpty()) {
        return null;
      }
      int[] start = held.get(0).toInts();
      int[] column = held.get(1).toInts();
      double[] weight = held.get(2).toDoubles();
      double[] dense = new double[forward.rows() * forward.cols()];
      for (int row = 0; row < forward.rows(); row++) {
        for (int i = start[row]; i < start[row + 1]; i++) {
          dense[column[i] * forward.rows() + row] = weight[i];
        }
      }
      return dense;
    }

    private Sparse side(boolean transposed) {
      return transposed ? adjoint : forward;
    }
  }

  /**
   * Multiplies the last dimensions, one to three, by a matrix each; records the derivative.
   *
   * @param axes the matrices of the last dimensions
   */
  static Tensor apply(String name, Tensor x, Pair... axes) {
    int[] dims = x.shape().dims();
    for (int d = 0; d < axes.length; d++) {
      dims[dims.length - axes.length + d] = axes[d].forward.rows();
    }
    Tensor y = x.device().uninitialized(x.type(), Shape.of(dims));
    multiply(x, y, axes, false);
    if (Tracer.isStarted()) {
      Tracer.current()
          .resample(x, Arrays.stream(axes).map(Pair::dense).toArray(double[][]::new), y);
    }
    return Autograd.record(
        name + "(x)",
        y,
        x,
        gy -> {
          Tensor gx = Checks.like(x);
          multiply(gy, gx, axes, true);
          return gx;
        });
  }

  private static void multiply(Tensor x, Tensor y, Pair[] axes, boolean transposed) {
    if (y.size() == 0) {
      return;
    }
    var kernels = x.device().kernels().resampling();
    int rank = axes.length;
    Sparse cols = axes[rank - 1].side(transposed);
    Sparse rows = rank == 1 ? Sparse.identity(1) : axes[rank - 2].side(transposed);
    if (rank < 3) {
      int planes = x.size() / (rows.cols() * cols.cols());
      kernels.resample(planes, rows, cols, x.buffer(), y.buffer());
      return;
    }
    // What makes the array smaller comes first.
    Sparse depth = axes[0].side(transposed);
    int channels = x.size() / (depth.cols() * rows.cols() * cols.cols());
    boolean depthFirst = depth.rows() < depth.cols();
    int planes = channels * (depthFirst ? depth.rows() : depth.cols());
    int between =
        depthFirst ? planes * rows.cols() * cols.cols() : planes * rows.rows() * cols.rows();
    try (Tensor t = x.device().uninitialized(x.type(), Shape.of(between))) {
      if (depthFirst) {
        Sparse all = Sparse.identity(rows.cols() * cols.cols());
        kernels.resample(channels, depth, all, x.buffer(), t.buffer());
        kernels.resample(planes, rows, cols, t.buffer(), y.buffer());
      } else {
        Sparse all = Sparse.identity(rows.rows() * cols.rows());
        kernels.resample(planes, rows, cols, x.buffer(), t.buffer());
        kernels.resample(channels, depth, all, t.buffer(), y.buffer());
      }
    }
  }
}
