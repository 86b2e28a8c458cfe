package tangram.nn;

import java.nio.file.Path;
import java.util.List;
import tangram.tensor.Shape;

/** Named tensors to be read from a file or several. */
public interface TensorSource extends AutoCloseable {
  /** What is read from, for messages. */
  Path file();

  /** The names of the tensors. */
  List<String> names();

  /** Whether there is a tensor of that name. */
  boolean contains(String name);

  /**
   * The dimensions of a tensor.
   *
   * @throws FileFormatException if there is none of that name
   */
  Shape shape(String name);

  /** The format's name of a tensor's element type, such as F32. */
  String dtype(String name);

  /** Whether a tensor's elements are real numbers, or integers. */
  boolean isReal(String name);

  /**
   * Reads a tensor of real numbers for a network.
   *
   * @throws FileFormatException if there is none of that name, it holds integers, or a number that
   *     is not finite
   */
  float[] finiteFloats(String name);

  /**
   * Reads a tensor of integers.
   *
   * @throws FileFormatException if there is none of that name, it holds real numbers, or one that
   *     does not fit an int
   */
  int[] ints(String name);

  /** Closes files; what was read stays. */
  @Override
  void close();
}
