package tangram.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tangram.tensor.CompileProgress;
import tangram.tensor.DeviceException;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoProfilerResult;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Runs kernels through TornadoVM. All tensors live in two arrays on the device, one of real numbers
 * and one of integers; a root graph leaves them there, and every other graph takes them from the
 * one that was executed before it. TornadoVM hands over what both graphs name, so every graph names
 * both arrays.
 *
 * <p>There is a graph of one task for each kernel, for calls as they come, and a chain of graphs
 * for each {@link Program}. All belong to one execution plan, since memory on the device is shared
 * within a plan only, and a plan's graphs are fixed. When there is another kernel or program, or
 * the arrays have to grow, they are brought to the host and a new plan starts from there. That
 * takes long, so calls wait until the host asks for numbers: what comes up until then needs one new
 * plan.
 *
 * <p>TornadoVM compiles a task unless the plan has compiled one of the same full name. So all these
 * graphs have one name, and their tasks are named after kernels: a kernel is compiled for as many
 * tasks as a graph has of it at most, not for each call. Only a graph's last task is compiled
 * always.
 *
 * <p>With the backend CUDA a program's graphs are CUDA graphs: their tasks are launched together.
 */
final class Engine implements AutoCloseable {
  private static final String ROOT = "root";
  private static final String SAVE = "save";

  /** Name of the graphs that call kernels. */
  static final String KERNELS = "kernels";

  /** Name of the task of the other graphs. */
  static final String TASK = "task";

  /** Elements of the arrays at first. */
  private static final int FIRST_CAPACITY = 1 << 20;

  /** Elements that the arrays may have whether they are used or not. */
  private static final int SMALL_CAPACITY = 1 << 25;

  /** Calls that wait at most, and numbers of the host's that wait with them. */
  private static final int MOST_WAITING = 1 << 14;

  private static final int MOST_WAITING_NUMBERS = 1 << 26;

  private final TornadoDevice device;
  private final List<Kernel> kernels;
  private final long maxElements;
  private final KernelContext context = new KernelContext();
  private final Map<String, Call> calls = new HashMap<>();
  private final Stage[][] stages = new Stage[4][Stage.SIZES.length];
  private final List<Program> programs = new ArrayList<>();
  private final Map<Object, Integer> graphIndex = new HashMap<>();

  /** Programs of the plan, and those of them that are compiled. */
  private final Set<Program> planned = new HashSet<>();

  private final Set<Program> compiled = new HashSet<>();
  private final boolean cudaGraphs;

  /** What was asked for and has not run yet, in this order. */
  private final List<Runnable> waiting = new ArrayList<>();

  private long waitingNumbers;

  private FloatArray x = new FloatArray(FIRST_CAPACITY);
  private IntArray n = new IntArray(FIRST_CAPACITY);
  private int realsUsed;
  private int intsUsed;
  private Grids grids;
  private TornadoExecutionPlan plan;

  /** Whether the plan lacks memory, a kernel or a program. */
  private boolean stale;

  private final EngineProfile profile = new EngineProfile();
  private boolean profiled;

  /** The graph of a kernel's single calls. */
  private static final class Call {
    final IntArray p = new IntArray(Kernel.INTS);
    final FloatArray s = new FloatArray(Kernel.FLOATS);
    final WorkerGrid grid = new WorkerGrid3D(1, 1, 1);
  }

  /**
   * Creates an engine.
   *
   * @param maxElements elements that each of the two arrays may have at most
   */
  Engine(TornadoDevice device, List<Kernel> kernels, long maxElements) {
    this.device = device;
    this.kernels = new ArrayList<>(kernels);
    this.maxElements = Math.min(maxElements, Integer.MAX_VALUE - 64);
    this.cudaGraphs = device.getTornadoVMBackend() == TornadoVMBackendType.CUDA;
    for (Kernel k : kernels) {
      if (calls.put(k.name(), new Call()) != null) {
        throw new IllegalStateException("two kernels " + k.name());
      }
    }
    for (int i = 0; i < Stage.SIZES.length; i++) {
      for (int kind = 0; kind < stages.length; kind++) {
        stages[kind][i] = new Stage(Stage.SIZES[i], kind % 2 == 0, kind < 2);
      }
    }
  }

  /** Takes a part of the device's real numbers. */
  synchronized Slab reserveReals(int length) {
    Slab slab = new Slab(realsUsed, length);
    realsUsed = reserve(realsUsed, length);
    stale |= realsUsed > x.getSize();
    return slab;
  }

  /** Takes a part of the device's integers. */
  synchronized Slab reserveInts(int length) {
    Slab slab = new Slab(intsUsed, length);
    intsUsed = reserve(intsUsed, length);
    stale |= intsUsed > n.getSize();
    return slab;
  }

  private int reserve(int used, int length) {
    long needed = (long) used + length;
    if (needed > maxElements) {
      throw new DeviceException(
          String.format(
              "%s: %,d MiB are needed, but an array on this device holds %,d MiB at most; choose a"
                  + " smaller batch, image size or preset.",
              device.getDeviceName(), needed >> 18, maxElements >> 18));
    }
    return (int) needed;
  }

  /** What an array grows to: twice what is used while that is little, a quarter more later. */
  private int capacity(int used) {
    long spare = Math.max(used / 4, Math.min(used, SMALL_CAPACITY - (long) used));
    return (int) Math.min(maxElements, used + spare);
  }

  private void growArrays() {
    if (realsUsed > x.getSize()) {
      FloatArray larger = new FloatArray(capacity(realsUsed));
      for (int i = 0; i < x.getSize(); i++) {
        larger.set(i, x.get(i));
      }
      x = larger;
    }
    if (intsUsed > n.getSize()) {
      IntArray larger = new IntArray(capacity(intsUsed));
      for (int i = 0; i < n.getSize(); i++) {
        larger.set(i, n.get(i));
      }
      n = larger;
    }
  }

  /** Runs a kernel, before anything else that is asked for later. */
  synchronized void launch(Launch launch) {
    if (!calls.containsKey(launch.kernel.name())) {
      // Of a formula, made at run time.
      calls.put(launch.kernel.name(), new Call());
      kernels.add(launch.kernel);
      stale = true;
    }
    defer(() -> run(launch), 0);
  }

  private void defer(Runnable work, int numbers) {
    waiting.add(work);
    waitingNumbers += numbers;
    if (waiting.size() == MOST_WAITING || waitingNumbers > MOST_WAITING_NUMBERS) {
      runWaiting();
    }
  }

  private void runWaiting() {
    if (waiting.isEmpty()) {
      return;
    }
    List<Runnable> works = List.copyOf(waiting);
    waiting.clear();
    waitingNumbers = 0;
    open();
    works.forEach(Runnable::run);
  }

  private void run(Launch launch) {
    Call call = calls.get(launch.kernel.name());
    for (int i = 0; i < Kernel.INTS; i++) {
      call.p.set(i, launch.ints[i]);
    }
    for (int i = 0; i < Kernel.FLOATS; i++) {
      call.s.set(i, launch.floats[i]);
    }
    setGrid(call.grid, launch);
    select(launch.kernel.name()).execute();
    profile.calls++;
  }

  /** Copies host numbers to the device, before anything else that is asked for later. */
  synchronized void write(float[] source, int sourceOffset, int at, int length) {
    float[] values = Arrays.copyOfRange(source, sourceOffset, sourceOffset + length);
    defer(
        () -> upload(0, at, length, (stage, from, i) -> stage.floats.set(i, values[from + i])),
        length);
  }

  /** Copies host integers to the device, before anything else that is asked for later. */
  synchronized void write(int[] source, int sourceOffset, int at, int length) {
    int[] values = Arrays.copyOfRange(source, sourceOffset, sourceOffset + length);
    defer(
        () -> upload(2, at, length, (stage, from, i) -> stage.ints.set(i, values[from + i])),
        length);
  }

  private interface Filling {
    void set(Stage stage, int from, int i);
  }

  private void upload(int kind, int at, int length, Filling filling) {
    for (int done = 0; done < length; ) {
      Stage stage = stages[kind][Stage.indexFor(length - done)];
      int count = Math.min(stage.size, length - done);
      for (int i = 0; i < count; i++) {
        filling.set(stage, done, i);
      }
      transfer(stage, at + done, count);
      profile.bytesUp += 4L * stage.size;
      done += count;
    }
  }

  /** Copies numbers from the device to the host. */
  synchronized void read(int at, float[] target, int targetOffset, int length) {
    runWaiting();
    open();
    for (int done = 0; done < length; ) {
      Stage stage = stages[1][Stage.indexFor(length - done)];
      int count = Math.min(stage.size, length - done);
      transfer(stage, at + done, count);
      for (int i = 0; i < count; i++) {
        target[targetOffset + done + i] = stage.floats.get(i);
      }
      profile.bytesDown += 4L * stage.size;
      done += count;
    }
  }

  /** Copies integers from the device to the host. */
  synchronized void read(int at, int[] target, int targetOffset, int length) {
    runWaiting();
    open();
    for (int done = 0; done < length; ) {
      Stage stage = stages[3][Stage.indexFor(length - done)];
      int count = Math.min(stage.size, length - done);
      transfer(stage, at + done, count);
      for (int i = 0; i < count; i++) {
        target[targetOffset + done + i] = stage.ints.get(i);
      }
      profile.bytesDown += 4L * stage.size;
      done += count;
    }
  }

  private void transfer(Stage stage, int at, int count) {
    stage.p.set(0, at);
    stage.p.set(1, count);
    select(stage.name).execute();
  }

  /** Adds recorded calls to what can be replayed; the plan that is begun next has them. */
  synchronized void add(Program program) {
    programs.add(program);
  }

  /** Takes them away. */
  synchronized void remove(Program program) {
    programs.remove(program);
  }

  private void compile(Program program, CompileProgress progress) {
    long start = System.nanoTime();
    for (int i = 0; i < program.chunks(); i++) {
      progress.compiling(program.name(), i, program.chunks());
      select(program.key(i)).withPreCompilation();
    }
    progress.compiling(program.name(), program.chunks(), program.chunks());
    compiled.add(program);
    profile.compileNanos += System.nanoTime() - start;
    profile.compiledTasks += program.size();
  }

  /**
   * Runs a program's calls again; compiles them where the plan is new.
   *
   * @param progress is told of the compilation
   */
  synchronized void replay(Program program, CompileProgress progress) {
    runWaiting();
    // One plan for all that was recorded until now.
    stale |= !compiled.contains(program) && !planned.containsAll(programs);
    open();
    if (!compiled.contains(program)) {
      compile(program, progress);
    }
    long start = System.nanoTime();
    for (int i = 0; i < program.chunks(); i++) {
      TornadoExecutionPlan selected = select(program.key(i));
      // The profiler knows nothing of what is within a CUDA graph.
      if (profiled && !cudaGraphs) {
        TornadoProfilerResult result =
            selected.withProfiler(ProfilerMode.SILENT).execute().getProfilerResult();
        profile.deviceNanos += result.getDeviceKernelTime();
        profile.graphBytes += result.getTotalBytesCopyIn() + result.getTotalBytesCopyOut();
      } else {
        selected.execute();
      }
      profile.graphs++;
    }
    profile.replayNanos += System.nanoTime() - start;
    profile.replayedTasks += program.size();
    program.counts().forEach((kernel, count) -> profile.byKernel.merge(kernel, count, Long::sum));
  }

  /** Begins to measure, also what the device computes. */
  synchronized void startProfile() {
    profiled = true;
  }

  /** What was counted. */
  EngineProfile profile() {
    return profile;
  }

  private TornadoExecutionPlan select(Object graph) {
    grids.select(graph);
    return plan.withGraph(graphIndex.get(graph));
  }

  /** Begins a plan of all there is, where there is none or it lacks something. */
  private void open() {
    if (plan != null && !stale) {
      return;
    }
    if (plan != null) {
      select(SAVE).execute();
      close();
    }
    growArrays();
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    graphIndex.clear();
    planned.clear();
    planned.addAll(programs);
    compiled.clear();
    grids = new Grids();
    WorkerGrid one = new WorkerGrid1D(1);
    one.setLocalWork(1, 1, 1);
    add(
        ROOT,
        graphs,
        new TaskGraph(ROOT)
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x, n)
            .task(TASK, TransferKernels::touch, context, x, n)
            .persistOnDevice(x, n),
        TASK,
        one);
    add(
        SAVE,
        graphs,
        new TaskGraph(SAVE)
            .consumeFromDevice(ROOT, x, n)
            .task(TASK, TransferKernels::touch, context, x, n)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, x, n)
            .persistOnDevice(x, n),
        TASK,
        one);
    for (Stage[] row : stages) {
      for (Stage stage : row) {
        add(stage.name, graphs, stage.graph(ROOT, context, x, n), TASK, stage.grid);
      }
    }
    for (Kernel k : kernels) {
      Call call = calls.get(k.name());
      TaskGraph graph =
          new TaskGraph(KERNELS)
              .consumeFromDevice(ROOT, x, n)
              .transferToDevice(DataTransferMode.EVERY_EXECUTION, call.p, call.s)
              .task(k.task(0), k.code(), context, x, n, call.p, call.s)
              .persistOnDevice(x, n);
      add(k.name(), graphs, graph, k.task(0), call.grid);
    }
    for (Program program : programs) {
      for (int i = 0; i < program.chunks(); i++) {
        graphIndex.put(program.key(i), graphs.size());
        graphs.add(program.graph(i, ROOT, context, x, n, grids).snapshot());
      }
    }
    plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new)).withDevice(device);
    stale = false;
    select(ROOT).withGridScheduler(grids).execute();
    if (cudaGraphs) {
      for (Program program : programs) {
        for (int i = 0; i < program.chunks(); i++) {
          select(program.key(i)).withCUDAGraph();
        }
      }
    }
  }

  /** Adds a graph of one task. */
  private void add(
      String key, List<ImmutableTaskGraph> graphs, TaskGraph graph, String task, WorkerGrid grid) {
    graphIndex.put(key, graphs.size());
    grids.add(key, graph, task, grid);
    graphs.add(graph.snapshot());
  }

  static void setGrid(WorkerGrid grid, Launch launch) {
    grid.setGlobalWork(launch.global[0], launch.global[1], launch.global[2]);
    grid.setLocalWork(launch.local[0], launch.local[1], launch.local[2]);
  }

  @Override
  public synchronized void close() {
    if (plan == null) {
      return;
    }
    try {
      plan.freeDeviceMemory();
      plan.close();
    } catch (TornadoExecutionPlanException e) {
      throw new DeviceException("TornadoVM could not close its plan: " + e.getMessage());
    }
    plan = null;
  }
}
