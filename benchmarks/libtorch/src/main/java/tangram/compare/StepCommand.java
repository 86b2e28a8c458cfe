package tangram.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tangram.compare.Race.Times;
import tangram.pclmix.network.TwoViewNetwork;
import tangram.pclmix.training.TrainingConfig;
import tangram.tensor.Tensor;
import tangram.tensor.vector.VectorDevice;

/** Whole training steps. */
@Command(
    name = "step",
    description =
        "Training steps of PCLMix: three passes, all losses, gradients, SGD; of the whole network"
            + " and with one decoder, a fixed map of probabilities in the place of the other.")
final class StepCommand implements Runnable {
  /** Steps whose memory is looked at. */
  private static final int STEPS_ALONE = 2;

  /** A side of the comparison. */
  enum Side {
    /** Tangram. */
    OURS,
    /** libtorch. */
    LIBTORCH
  }

  /** A network and batch to compare. */
  enum Size {
    /** The paper's network on two images of 224x224. */
    PAPER,
    /** The preset {@code small}: twelve images of 128x128. */
    SMALL
  }

  @Spec private CommandSpec spec;
  @Mixin private CompareOptions options;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "paper",
      description = "paper (224x224, batch 2) or small (128x128, batch 12); default: paper.")
  private Size size;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "Only this network: unet, swin (one decoder each) or both.")
  private Decoders decoders;

  @Option(
      names = "--only",
      paramLabel = "SIDE",
      description = "Run a few steps of one side, ours or libtorch, and tell the peak memory.")
  private Side only;

  @Override
  public void run() {
    if (only != null) {
      alone();
      return;
    }
    List<Entry> entries = new ArrayList<>();
    for (Decoders d : decoders == null ? Decoders.values() : new Decoders[] {decoders}) {
      entries.add(
          new Entry(
              d.title(),
              "step",
              0,
              () ->
                  new StepCase(new VectorDevice(), options.libtorch(), setting(d), options.out())));
    }
    options.compare(entries, new Memory(), options.quick() ? Pace.QUICK_STEPS : Pace.STEPS);
  }

  private StepSetting setting(Decoders d) {
    TrainingConfig config = size == Size.PAPER ? Configurations.paper() : Configurations.small();
    return StepSetting.of(d, config);
  }

  private void alone() {
    if (decoders == null) {
      throw new ParameterException(
          spec.commandLine(), "--only needs --network, one of " + Decoders.keys());
    }
    StepSetting setting = setting(decoders);
    Runnable step;
    if (only == Side.OURS) {
      VectorDevice.setThreads(options.threads());
      step = new OurStep(new VectorDevice(), setting)::run;
    } else {
      TwoViewNetwork names = OurStep.network(new DryDevice(), setting);
      SplittableRandom random = new SplittableRandom(0);
      step =
          new TorchStep(
                  options.libtorch(),
                  setting,
                  names,
                  name -> anyValues(name, names.state().get(name), random))
              ::run;
    }
    for (int i = 0; i < STEPS_ALONE; i++) {
      step.run();
    }
    options
        .out()
        .printf(
            "%s, %s, %d steps; peak memory of the process:%n%s%n",
            only.name().toLowerCase(Locale.ROOT), decoders.title(), STEPS_ALONE, PeakMemory.line());
  }

  /** Initial values of the right magnitude, where only time and memory count. */
  private static float[] anyValues(String name, Tensor tensor, SplittableRandom random) {
    float[] values = new float[tensor.size()];
    if (tensor.shape().rank() > 1) {
      double bound = Math.sqrt(6.0 / (tensor.size() / tensor.dim(0)));
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
    } else if (name.endsWith(".weight") || name.endsWith(".running_var")) {
      Arrays.fill(values, 1);
    }
    return values;
  }

  /** The peak memory of each side, measured in a process of its own. */
  private final class Memory implements Comparison.Column {
    @Override
    public String title() {
      return "peak MB ours  libtorch";
    }

    @Override
    public String value(Entry entry, Times times) {
      return String.format(
          Locale.ROOT, "%12.0f  %8.0f", peak(entry, Side.OURS), peak(entry, Side.LIBTORCH));
    }

    private double peak(Entry entry, Side side) {
      Decoders network =
          Arrays.stream(Decoders.values())
              .filter(d -> d.title().equals(entry.name()))
              .findFirst()
              .orElseThrow();
      return PeakMemory.ofProcess(
          side == Side.LIBTORCH,
          List.of(
              "step",
              Integer.toString(options.threads()),
              "--preset",
              size.name(),
              "--network",
              network.name(),
              "--only",
              side.name()));
    }
  }
}
