package tangram.compare;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import tangram.pclmix.objective.StepLosses;
import tangram.tensor.Device;
import tangram.tensor.Tensor;

/** Whole training steps, from the same weights on the same batch. */
final class StepCase implements Case {
  private static final double LOSS_TOLERANCE = 1e-3;

  /**
   * Of a part's first change. It cannot be much smaller: deep batch norms see a hundred values,
   * where a ReLU that rounding turns on or off counts; libtorch's own change moves by 2e-2 when its
   * weights are disturbed by 2e-7 of themselves.
   */
  private static final double CHANGE_TOLERANCE = 5e-2;

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

  /** The first step: losses, and how it changes the weights of each part of the network. */
  @Override
  public void check() {
    Map<String, Tensor> parameters = ours.parameters();
    Map<String, float[]> before = new LinkedHashMap<>();
    parameters.forEach((name, p) -> before.put(name, p.toFloats()));
    StepLosses our = ours.run();
    StepLosses their = theirs.run();
    out.printf("%s, losses of the first step (ours, libtorch):", title);
    check("total", our.total(), their.total());
    check("sup", our.value("sup"), their.value("sup"));
    check("ctr", our.value("ctr"), their.value("ctr"));
    check("het", our.value("het"), their.value("het"));
    check("mix", our.value("mix"), their.value("mix"));
    out.println();
    Map<String, List<String>> parts =
        parameters.keySet().stream()
            .collect(Collectors.groupingBy(n -> n.substring(0, n.indexOf('.'))));
    parts.forEach(
        (part, names) -> {
          float[] ourChange = changes(names, before, n -> parameters.get(n).toFloats());
          float[] theirChange =
              changes(names, before, n -> theirs.parameters().value(n).toFloatArray());
          String what = "how the first step of " + title + " changes the weights of " + part;
          Agreement.check(what, ourChange, theirChange, CHANGE_TOLERANCE);
        });
  }

  private void check(String loss, double our, double their) {
    out.printf(Locale.ROOT, " %s %.5f %.5f", loss, our, their);
    out.flush();
    Agreement.check("the loss " + loss + " of " + title, our, their, LOSS_TOLERANCE);
  }

  /** How much some tensors changed, one after the other. */
  private static float[] changes(
      List<String> names, Map<String, float[]> before, Function<String, float[]> after) {
    float[] all = new float[names.stream().mapToInt(n -> before.get(n).length).sum()];
    int offset = 0;
    for (String name : names) {
      float[] old = before.get(name);
      float[] now = after.apply(name);
      for (int i = 0; i < old.length; i++) {
        all[offset++] = now[i] - old[i];
      }
    }
    return all;
  }

  /** Our tensors go with their device, which no other case uses. */
  @Override
  public void close() {
    theirs.close();
  }
}
