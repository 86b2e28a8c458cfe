package tangram.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tangram.tensor.Buffer;
import tangram.tensor.CompileProgress;
import tangram.tensor.DType;
import tangram.tensor.Device;
import tangram.tensor.DeviceException;
import tangram.tensor.HostArrays;
import tangram.tensor.Replay;
import tangram.tensor.kernel.Kernels;
import tangram.tensor.kernel.LinearAlgebra;

/**
 * A GPU, or whatever else TornadoVM drives, in single precision.
 *
 * <p>Every call of a kernel is a task graph of its own, which costs some hundred microseconds. Work
 * that is repeated is recorded by a {@link Replay} and becomes a few long graphs.
 */
public final class TornadoDevice extends Device {
  /** Elements of the first region of scratch memory. */
  private static final int FIRST_SCRATCH = 1 << 16;

  /** Elements that regions of scratch memory grow to, four times as large as the one before. */
  private static final int LARGE_SCRATCH = 1 << 24;

  private final Engine engine;
  private final Launcher launcher = new Recorder();
  private final String name;
  private final String description;
  private final LinearAlgebra products = new TornadoLinearAlgebra(launcher);
  private final TornadoMaps maps = new TornadoMaps(launcher);
  private final Kernels kernels =
      new Kernels(
          products,
          new TornadoConvolution(launcher, products),
          new TornadoResampling(launcher),
          new TornadoAttention(launcher),
          maps,
          new TornadoIndexing(launcher, maps));
  private final List<TornadoReplay> replays = new ArrayList<>();
  private List<Launch> recording;
  private StepsProfile profile;
  private Slab scratch = new Slab(0, 0);
  private Slab intScratch = new Slab(0, 0);

  private TornadoDevice(Engine engine, String name, String description) {
    this.engine = engine;
    this.name = name;
    this.description = description;
  }

  /**
   * Opens a device of TornadoVM.
   *
   * @param device what computes
   * @param name the name by which the user chose it
   * @param memory bytes of real numbers that it may hold at most
   */
  static TornadoDevice open(
      uk.ac.manchester.tornado.api.common.TornadoDevice device,
      String name,
      String description,
      long memory) {
    return new TornadoDevice(
        new Engine(device, allKernels(), memory / Float.BYTES), name, description);
  }

  /** All kernels but those of formulas. */
  static List<Kernel> allKernels() {
    List<Kernel> kernels = new ArrayList<>();
    kernels.add(Parts.SUM);
    kernels.addAll(TornadoLinearAlgebra.KERNELS);
    kernels.addAll(TornadoConvolution.KERNELS);
    kernels.addAll(TornadoResampling.KERNELS);
    kernels.addAll(TornadoAttention.KERNELS);
    kernels.addAll(TornadoMaps.KERNELS);
    kernels.addAll(TornadoIndexing.KERNELS);
    return kernels;
  }

  /** Runs calls, and notes them down while something is recorded. */
  private final class Recorder implements Launcher {
    @Override
    public void launch(Launch launch) {
      if (launch.global[0] == 0) {
        // A tensor without elements.
        return;
      }
      engine.launch(launch);
      if (recording != null) {
        recording.add(launch);
      }
    }

    /** One call with a longer list of numbers has no graph of its own, but in a recording. */
    @Override
    public void launchAll(Supplier<Kernel> together, List<Launch> launches) {
      launches.forEach(engine::launch);
      if (recording != null) {
        recording.add(
            launches.size() == 1 ? launches.get(0) : Launch.together(together.get(), launches));
      }
    }

    /** Recorded calls keep the region they know, so one that is too small is left to them. */
    @Override
    public int scratch(int elements) {
      if (elements > scratch.length()) {
        scratch = engine.reserveReals(grown(scratch.length(), elements));
      }
      return scratch.base();
    }

    /** What is outgrown is lost, so regions grow fast. */
    private int grown(int length, int elements) {
      int usual = (int) Math.min(LARGE_SCRATCH, 4L * length);
      return Math.max(elements, Math.max(FIRST_SCRATCH, usual));
    }

    @Override
    public int intScratch(int elements) {
      if (elements > intScratch.length()) {
        intScratch = engine.reserveInts(grown(intScratch.length(), elements));
      }
      return intScratch.base();
    }
  }

  @Override
  public Replay replay(String what) {
    TornadoReplay replay = new TornadoReplay(this, what);
    replays.add(replay);
    return replay;
  }

  /** Whether all work that was begun has been recorded. */
  boolean allAreRecorded() {
    return replays.stream().allMatch(TornadoReplay::isRecorded);
  }

  void startRecording() {
    if (recording != null) {
      throw new IllegalStateException("recordings do not nest");
    }
    recording = new ArrayList<>();
    useRecordedMemory(true);
  }

  List<Launch> stopRecording() {
    List<Launch> recorded = recording;
    recording = null;
    useRecordedMemory(false);
    return recorded;
  }

  @Override
  public boolean measuresItself() {
    return true;
  }

  @Override
  public void startProfile() {
    engine.startProfile();
    profile = new StepsProfile(engine.profile());
  }

  @Override
  public void profileStep(boolean step) {
    profile.step(engine.profile(), step);
  }

  @Override
  public String profile() {
    return profile == null ? "" : profile.table(engine.profile());
  }

  CompileProgress progress() {
    return compileProgress();
  }

  Engine engine() {
    return engine;
  }

  private void checkTransfer() {
    if (recording != null) {
      throw new IllegalStateException(
          "numbers cannot go between host and device within recorded work: do it before or after");
    }
  }

  private static int at(Buffer buffer) {
    return ((Slab) buffer.storage()).base() + buffer.offset();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int realBytes() {
    return Float.BYTES;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public boolean has(DType type) {
    return type == DType.F32 || type == DType.I32 || type == DType.BOOL;
  }

  @Override
  public DType indexType() {
    return DType.I32;
  }

  @Override
  protected Object newStorage(DType type, int length) {
    return switch (type) {
      case F32 -> engine.reserveReals(length);
      case I32, BOOL -> engine.reserveInts(length);
      default ->
          throw new DeviceException(
              "The device '" + name + "' has no numbers of type " + type + "; use F32 or I32.");
    };
  }

  @Override
  protected void write(Object source, int sourceOffset, DType type, Buffer target) {
    checkTransfer();
    int n = target.length();
    if (type == DType.F32) {
      float[] values = source instanceof float[] ? (float[]) source : new float[n];
      if (values != source) {
        HostArrays.copy(source, sourceOffset, values, 0, n);
      }
      engine.write(values, values == source ? sourceOffset : 0, at(target), n);
    } else {
      int[] values = source instanceof int[] ? (int[]) source : new int[n];
      if (values != source) {
        HostArrays.copy(source, sourceOffset, values, 0, n);
      }
      engine.write(values, values == source ? sourceOffset : 0, at(target), n);
    }
  }

  @Override
  protected void read(Buffer source, DType type, Object target, int targetOffset) {
    checkTransfer();
    int n = source.length();
    if (type == DType.F32 && target instanceof float[]) {
      engine.read(at(source), (float[]) target, targetOffset, n);
    } else if (type == DType.F32) {
      float[] values = new float[n];
      engine.read(at(source), values, 0, n);
      HostArrays.copy(values, 0, target, targetOffset, n);
    } else if (target instanceof int[]) {
      engine.read(at(source), (int[]) target, targetOffset, n);
    } else {
      int[] values = new int[n];
      engine.read(at(source), values, 0, n);
      HostArrays.copy(values, 0, target, targetOffset, n);
    }
  }
}
