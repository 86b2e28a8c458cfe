package tangram.compare;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Whole training steps, from the same weights on the same batch. */
final class StepCase implements Case {
  private static final double LOSS_TOLERANCE = 1e-3;

  /**
   * Of the weights' first change. A ReLU that rounding turns on or off at stride 32, where batch
   * norm sees a hundred values, changes gradients by a hundredth.
   */
  private static final double UPDATE_TOLERANCE = 3e-2;

  private final String title;
  private final PrintWriter out;
  private final OurStep ours;
  private final TorchStep theirs;

  StepCase(Device device, Libtorch libtorch, StepSetting setting, PrintWriter out) {
    this.title = setting.decoders().title();
    this.out = out;
    ours = new OurStep(device, setting);
    Map<String, Tensor> state = ours.state();
    theirs = new TorchStep(libtorch, setting, ours.network(), name -> state.get(name).toFloats());
  }

  @Override
  public void ours() {
    ours.run();
  }

  @Override
  public void theirs() {
    theirs.run();
  }

  /** The first step: losses, and how it changes the weights. */
  @Override
  public void check() {
    float[] before = weights(ours.parameters());
    StepLosses our = ours.run();
    StepLosses their = theirs.run();
    check("total", our.total(), their.total());
    check("sup", our.sup(), their.sup());
    check("ctr", our.ctr(), their.ctr());
    check("het", our.het(), their.het());
    check("mix", our.mix(), their.mix());
    float[] ourChange = change(before, weights(ours.parameters()));
    float[] theirChange = change(before, theirWeights());
    String what = "how the first step of " + title + " changes the weights";
    Agreement.check(what, ourChange, theirChange, UPDATE_TOLERANCE);
    out.printf(
        Locale.ROOT,
        "%s: first step's changes of the weights differ by %.1g of their norm%n",
        title,
        Agreement.distance(ourChange, theirChange));
  }

  private void check(String loss, double our, double their) {
    out.printf(
        Locale.ROOT,
        "%s: first step's loss %-5s ours %.6f, libtorch %.6f%n",
        title,
        loss,
        our,
        their);
    Agreement.check("the loss " + loss + " of " + title, our, their, LOSS_TOLERANCE);
  }

  private static float[] weights(Map<String, Tensor> parameters) {
    float[] all = new float[parameters.values().stream().mapToInt(Tensor::size).sum()];
    int offset = 0;
    for (Tensor p : parameters.values()) {
      p.copyTo(all, offset);
      offset += p.size();
    }
    return all;
  }

  private float[] theirWeights() {
    float[] all = new float[ours.parameters().values().stream().mapToInt(Tensor::size).sum()];
    int offset = 0;
    for (Map.Entry<String, Tensor> p : ours.parameters().entrySet()) {
      float[] values = theirs.parameters().value(p.getKey()).toFloatArray();
      System.arraycopy(values, 0, all, offset, values.length);
      offset += values.length;
    }
    return all;
  }

  private static float[] change(float[] before, float[] after) {
    float[] difference = new float[before.length];
    for (int i = 0; i < before.length; i++) {
      difference[i] = after[i] - before[i];
    }
    return difference;
  }

  /** Our tensors go with their device, which no other case uses. */
  @Override
  public void close() {
    theirs.close();
  }
}
