package tangram.pclmix.training;

import static tangram.nn.FileFormatException.quote;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import tangram.nn.FileFormatException;
import tangram.nn.SafeTensors;
import tangram.pclmix.method.Learner;
import tangram.tensor.DType;
import tangram.tensor.Shape;
import tangram.tensor.Tensor;

/**
 * Weights of a whole network to train on from, perhaps of a network that tells other classes apart
 * or was trained by another method: encoder and main decoder must fit, of the parts that only
 * training needs what fits is taken.
 */
public final class StartWeights {
  private StartWeights() {}

  /**
   * The settings of the run that trained a file's weights.
   *
   * @throws FileFormatException if the file is not of such a run
   */
  public static TrainingConfig settings(SafeTensors file) {
    return TrainedModel.settings(file);
  }

  /**
   * Fills the networks of a learner with what a file holds; all else keeps its initial weights, but
   * for networks that begin like the one that predicts, such as teachers.
   *
   * @param rows for each class of the network its number in the file, or -1 for a class that is new
   * @throws FileFormatException if encoder or main decoder do not fit; nothing is changed then
   */
  public static void load(Learner learner, SafeTensors file, int[] rows) {
    Map<Tensor, Object> values = new IdentityHashMap<>();
    Set<String> needed = learner.segmentation().state().keySet();
    learner
        .network()
        .state()
        .forEach((name, tensor) -> plan(name, tensor, file, rows, needed.contains(name), values));
    values.forEach(
        (tensor, value) -> {
          if (value instanceof float[] reals) {
            tensor.copyFrom(reals, 0);
          } else {
            tensor.copyFrom((int[]) value, 0);
          }
        });
    Map<String, Tensor> main = learner.segmentation().state();
    learner
        .network()
        .state()
        .forEach(
            (name, tensor) -> {
              // Of a teacher the names are those of the main network, behind its own.
              Tensor twin = main.get(name.substring(name.indexOf('.') + 1));
              if (!values.containsKey(tensor) && twin != null) {
                tensor.copyFrom(twin);
              }
            });
  }

  private static void plan(
      String name,
      Tensor tensor,
      SafeTensors file,
      int[] rows,
      boolean needed,
      Map<Tensor, Object> values) {
    boolean real = tensor.type() == DType.F32;
    boolean there = file.contains(name) && file.isReal(name) == real;
    if (there && isHead(name) && differByClasses(file.shape(name), tensor.shape(), rows)) {
      values.put(tensor, classRows(tensor, file.finiteFloats(name), rows));
    } else if (there && file.shape(name).equals(tensor.shape())) {
      values.put(tensor, real ? file.finiteFloats(name) : file.ints(name));
    } else if (needed) {
      throw new FileFormatException(
          file.file()
              + ": does not fit this network, "
              + quote(name)
              + (there
                  ? " is " + file.shape(name) + " instead of " + tensor.shape()
                  : " is missing")
              + "; name weights of a network of the same size.");
    }
  }

  /** Whether a layer tells the classes apart, a row each. */
  private static boolean isHead(String name) {
    return name.endsWith(".head.weight") || name.endsWith(".head.bias");
  }

  private static boolean differByClasses(Shape from, Shape to, int[] rows) {
    int most = Arrays.stream(rows).max().orElse(-1);
    if (from.rank() != to.rank() || to.dim(0) != rows.length || most >= from.dim(0)) {
      return false;
    }
    for (int i = 1; i < to.rank(); i++) {
      if (from.dim(i) != to.dim(i)) {
        return false;
      }
    }
    return true;
  }

  private static float[] classRows(Tensor tensor, float[] from, int[] rows) {
    float[] to = tensor.toFloats();
    int length = to.length / rows.length;
    for (int c = 0; c < rows.length; c++) {
      if (rows[c] >= 0) {
        System.arraycopy(from, rows[c] * length, to, c * length, length);
      }
    }
    return to;
  }
}
