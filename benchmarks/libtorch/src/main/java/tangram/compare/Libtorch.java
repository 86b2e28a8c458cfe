package tangram.compare;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.function.Supplier;

/** libtorch, as DJL brings it: started, given arrays, and relieved of them. */
final class Libtorch implements AutoCloseable {
  private final PtNDManager manager;

  /**
   * Starts libtorch.
   *
   * @param threads threads of an operation; independent operations never run at once
   */
  Libtorch(int threads) {
    // Everything needed is on the class path; nothing is to be fetched or reported.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager();
    if (JniUtils.getNumThreads() != threads) {
      throw new IllegalStateException(
          "libtorch uses " + JniUtils.getNumThreads() + " threads, not " + threads);
    }
  }

  private Libtorch(PtNDManager manager) {
    this.manager = manager;
  }

  /** The same libtorch as an owner of arrays: closing it closes all that come of its own. */
  Libtorch branch() {
    return new Libtorch((PtNDManager) manager.newSubManager());
  }

  /** Compiles an operation; see {@link TorchScript}. */
  TorchScript script(String parameters, String... body) {
    return new TorchScript(manager, parameters, body);
  }

  /** Its version. */
  static String version() {
    return Engine.getEngine("PyTorch").getVersion();
  }

  /** An array in libtorch's own memory, which is aligned as it likes it. */
  PtNDArray array(float[] values, int... dims) {
    try (NDArray view = manager.create(values, shape(dims))) {
      return (PtNDArray) view.duplicate();
    }
  }

  /** An array of 64-bit integers, which libtorch takes indices as. */
  PtNDArray array(int[] values, int... dims) {
    long[] wide = Arrays.stream(values).asLongStream().toArray();
    try (NDArray view = manager.create(wide, shape(dims))) {
      return (PtNDArray) view.duplicate();
    }
  }

  /** Zeros of an array's shape, which no scope closes. */
  static PtNDArray zerosLike(PtNDArray array) {
    return keep((PtNDArray) array.zerosLike());
  }

  /** A shape. */
  static Shape shape(int... dims) {
    return new Shape(Arrays.stream(dims).asLongStream().toArray());
  }

  /**
   * Another handle of an array's memory, by which can be differentiated. It has no gradient yet, so
   * the first one computed is taken over, not added to zeros.
   */
  static PtNDArray leaf(PtNDArray array) {
    PtNDArray leaf = (PtNDArray) array.stopGradient();
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /**
   * Computes an array and closes everything else that was made on the way, as a program in Python
   * does by leaving a function. What a gradient needs stays.
   */
  static PtNDArray scoped(Supplier<PtNDArray> body) {
    return scopedAll(() -> new PtNDArray[] {body.get()})[0];
  }

  /** Takes an array out of the scope in which it was made: its owner closes it. */
  static PtNDArray keep(PtNDArray array) {
    NDScope.unregister(array);
    return array;
  }

  /** {@link #scoped} for several arrays, all made by the body. */
  static PtNDArray[] scopedAll(Supplier<PtNDArray[]> body) {
    PtNDArray[] results;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      results = body.get();
      NDScope.unregister(results);
    }
    for (PtNDArray result : results) {
      NDScope.register(result);
    }
    return results;
  }

  @Override
  public void close() {
    manager.close();
  }
}
