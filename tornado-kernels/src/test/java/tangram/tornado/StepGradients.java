package tangram.tornado;

import java.util.LinkedHashMap;
import java.util.Map;
import tangram.nn.Init;
import tangram.pclmix.data.CutMix;
import tangram.pclmix.data.Labels;
import tangram.pclmix.data.Slice;
import tangram.pclmix.network.PclMixNetwork;
import tangram.pclmix.objective.Objective;
import tangram.pclmix.objective.StepInput;
import tangram.pclmix.objective.StepLosses;
import tangram.pclmix.phantom.PhantomData;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * The gradients of one training step with all losses, from initial weights and phantoms that are
 * the same numbers on every device.
 *
 * @param losses the step's losses
 * @param gradients by the parameters' names
 */
record StepGradients(StepLosses losses, Map<String, double[]> gradients) {
  /** A step beyond the warm-up, so that the contrast takes part. */
  private static final int STEP = 100;

  static StepGradients of(Device device, TrainingConfig config) {
    try (Scope scope = Scope.open()) {
      PclMixNetwork network = new PclMixNetwork(new Init(device, config.seed()), config.network());
      // The same numbers in double precision.
      network.parameters().values().forEach(p -> p.copyFrom(p.toFloats(), 0));
      Objective objective =
          new Objective(device, network, config.losses(), config.iterations(), config.seed());
      fillMemory(objective, config);
      network.train(true);
      network.zeroGrad();
      StepLosses losses = objective.step(input(device, config), STEP);
      Map<String, double[]> gradients = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> entry : network.parameters().entrySet()) {
        Tensor gradient = entry.getValue().grad();
        if (gradient != null) {
          gradients.put(entry.getKey(), gradient.toDoubles());
        }
      }
      return new StepGradients(losses, gradients);
    }
  }

  /** Random unit vectors in half of the contrast's memory. */
  private static void fillMemory(Objective objective, TrainingConfig config) {
    int classes = Labels.HEART.count() - 1;
    int slots = config.losses().queueSlots();
    int dim = config.network().embeddingDim();
    int[] filled = new int[classes];
    float[] vectors = new float[classes * slots * dim];
    CounterRandom random = new CounterRandom(0, 0, 0, 0);
    for (int c = 0; c < classes; c++) {
      filled[c] = slots / 2;
      for (int s = 0; s < filled[c]; s++) {
        double[] vector = new double[dim];
        double square = 0;
        for (int d = 0; d < dim; d++) {
          vector[d] = random.nextGaussian();
          square += vector[d] * vector[d];
        }
        for (int d = 0; d < dim; d++) {
          vectors[(c * slots + s) * dim + d] = (float) (vector[d] / Math.sqrt(square));
        }
      }
    }
    objective.queue().vectors().copyFrom(vectors, 0);
    objective.queue().restore(filled, filled.clone());
  }

  private static StepInput input(Device device, TrainingConfig config) {
    int batch = config.batch();
    int size = config.imageSize();
    int pixels = size * size;
    float[] images = new float[batch * pixels];
    int[] scribbles = new int[batch * pixels];
    int i = 0;
    for (Slice slice : PhantomData.trainingSlices(size, 0, batch).subList(0, batch)) {
      System.arraycopy(slice.image(), 0, images, i * pixels, pixels);
      for (int p = 0; p < pixels; p++) {
        scribbles[i * pixels + p] = slice.scribble()[p];
      }
      i++;
    }
    float[] mask1 = new float[batch * pixels];
    float[] mask2 = new float[batch * pixels];
    CutMix.fillMask(mask1, 0, batch, size, size, config.seed(), STEP, 0);
    CutMix.fillMask(mask2, 0, batch, size, size, config.seed(), STEP, 1);
    StepInput input = new StepInput(device, batch, size);
    input.load(images, scribbles, mask1, mask2, config.seed(), STEP);
    return input;
  }

  /**
   * The error of a parameter's gradient, relative to its norm, or to {@code floor} times the norm
   * of all gradients where that is larger: what should be zero has no relative error.
   */
  double error(String name, StepGradients exact, double floor) {
    double[] is = gradients.get(name);
    double[] should = exact.gradients.get(name);
    double square = 0;
    for (int i = 0; i < should.length; i++) {
      square += (is[i] - should[i]) * (is[i] - should[i]);
    }
    return Math.sqrt(square) / Math.max(norm(should), floor * exact.norm());
  }

  /** The error of all gradients together, relative to their norm. */
  double error(StepGradients exact) {
    double square = 0;
    for (String name : exact.gradients.keySet()) {
      double e = error(name, exact, 1) * exact.norm();
      square += e * e;
    }
    return Math.sqrt(square) / exact.norm();
  }

  /** The norm of all gradients together. */
  double norm() {
    double square = 0;
    for (double[] gradient : gradients.values()) {
      square += norm(gradient) * norm(gradient);
    }
    return Math.sqrt(square);
  }

  /** The norm of a parameter's gradient. */
  double norm(String name) {
    return norm(gradients.get(name));
  }

  private static double norm(double[] values) {
    double square = 0;
    for (double v : values) {
      square += v * v;
    }
    return Math.sqrt(square);
  }
}
