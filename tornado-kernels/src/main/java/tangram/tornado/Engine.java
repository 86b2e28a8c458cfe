package tangram.tornado;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tangram.tensor.CompileProgress;
import tangram.tensor.DeviceException;
import uk.ac.manchester.tornado.api.GridScheduler;
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
 * within a plan only, and a plan's graphs are fixed. When the arrays have to grow or a program is
 * added, they are brought to the host and a new plan starts from there.
 */
final class Engine implements AutoCloseable {
  private static final String ROOT = "root";
  private static final String SAVE = "save";
  private static final String TASK = "t";

  /** Elements of the arrays at first. */
  private static final int FIRST_CAPACITY = 1 << 20;

  private final TornadoDevice device;
  private final List<Kernel> kernels;
  private final long maxElements;
  private final KernelContext context = new KernelContext();
  private final Map<String, Call> calls = new HashMap<>();
  private final Stage[][] stages = new Stage[4][Stage.SIZES.length];
  private final List<Program> programs = new ArrayList<>();
  private final Map<String, Integer> graphIndex = new HashMap<>();

  private FloatArray x = new FloatArray(FIRST_CAPACITY);
  private IntArray n = new IntArray(FIRST_CAPACITY);
  private int realsUsed;
  private int intsUsed;
  private GridScheduler scheduler;
  private TornadoExecutionPlan plan;
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

  /** Takes a part of the device's real numbers, which grow if need be. */
  synchronized Slab reserveReals(int length) {
    Slab slab = new Slab(realsUsed, length);
    realsUsed = reserve(realsUsed, length, x.getSize(), true);
    return slab;
  }

  /** Takes a part of the device's integers, which grow if need be. */
  synchronized Slab reserveInts(int length) {
    Slab slab = new Slab(intsUsed, length);
    intsUsed = reserve(intsUsed, length, n.getSize(), false);
    return slab;
  }

  private int reserve(int used, int length, int capacity, boolean real) {
    long needed = (long) used + length;
    if (needed > maxElements) {
      throw new DeviceException(
          String.format(
              "%s: %,d MiB are needed, but an array on this device holds %,d MiB at most; choose a"
                  + " smaller batch, image size or preset.",
              device.getDeviceName(), needed >> 18, maxElements >> 18));
    }
    if (needed > capacity) {
      long grown = Math.max(needed, Math.min(2L * capacity, maxElements));
      saveToHost();
      if (real) {
        FloatArray larger = new FloatArray((int) grown);
        for (int i = 0; i < capacity; i++) {
          larger.set(i, x.get(i));
        }
        x = larger;
      } else {
        IntArray larger = new IntArray((int) grown);
        for (int i = 0; i < capacity; i++) {
          larger.set(i, n.get(i));
        }
        n = larger;
      }
    }
    return (int) needed;
  }

  /** Runs a kernel. */
  synchronized void launch(Launch launch) {
    Call call = calls.get(launch.kernel.name());
    if (call == null) {
      // Of a formula, made at run time: a plan's graphs are fixed, so another plan begins.
      saveToHost();
      call = new Call();
      calls.put(launch.kernel.name(), call);
      kernels.add(launch.kernel);
    }
    for (int i = 0; i < Kernel.INTS; i++) {
      call.p.set(i, launch.ints[i]);
    }
    for (int i = 0; i < Kernel.FLOATS; i++) {
      call.s.set(i, launch.floats[i]);
    }
    setGrid(call.grid, launch);
    execute(launch.kernel.name());
    profile.calls++;
  }

  /** Copies host numbers to the device. */
  synchronized void write(float[] source, int sourceOffset, int at, int length) {
    for (int done = 0; done < length; ) {
      Stage stage = stages[0][Stage.indexFor(length - done)];
      int count = Math.min(stage.size, length - done);
      for (int i = 0; i < count; i++) {
        stage.floats.set(i, source[sourceOffset + done + i]);
      }
      transfer(stage, at + done, count);
      profile.bytesUp += 4L * stage.size;
      done += count;
    }
  }

  /** Copies host integers to the device. */
  synchronized void write(int[] source, int sourceOffset, int at, int length) {
    for (int done = 0; done < length; ) {
      Stage stage = stages[2][Stage.indexFor(length - done)];
      int count = Math.min(stage.size, length - done);
      for (int i = 0; i < count; i++) {
        stage.ints.set(i, source[sourceOffset + done + i]);
      }
      transfer(stage, at + done, count);
      profile.bytesUp += 4L * stage.size;
      done += count;
    }
  }

  /** Copies numbers from the device to the host. */
  synchronized void read(int at, float[] target, int targetOffset, int length) {
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
    execute(stage.name);
  }

  /** Adds recorded calls to what can be replayed; they are compiled when first replayed. */
  synchronized void add(Program program) {
    saveToHost();
    programs.add(program);
  }

  /** Compiles a program. */
  synchronized void compile(Program program, CompileProgress progress) {
    long start = System.nanoTime();
    open();
    for (int i = 0; i < program.chunks(); i++) {
      progress.compiling(program.name(), i, program.chunks());
      select(program.chunkName(i)).withPreCompilation();
    }
    progress.compiling(program.name(), program.chunks(), program.chunks());
    profile.compileNanos += System.nanoTime() - start;
    profile.compiledTasks += program.size();
  }

  /** Runs a program's calls again. */
  synchronized void replay(Program program) {
    long start = System.nanoTime();
    for (int i = 0; i < program.chunks(); i++) {
      TornadoExecutionPlan selected = select(program.chunkName(i));
      if (profiled) {
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
  }

  /** Begins to measure, also what the device computes. */
  synchronized void startProfile() {
    profiled = true;
  }

  /** What was counted. */
  EngineProfile profile() {
    return profile;
  }

  private void execute(String graph) {
    open();
    select(graph).execute();
  }

  private TornadoExecutionPlan select(String graph) {
    return plan.withGraph(graphIndex.get(graph)).withGridScheduler(scheduler);
  }

  private void open() {
    if (plan != null) {
      return;
    }
    List<ImmutableTaskGraph> graphs = new ArrayList<>();
    graphIndex.clear();
    scheduler = new GridScheduler();
    WorkerGrid one = new WorkerGrid1D(1);
    one.setLocalWork(1, 1, 1);
    add(
        graphs,
        new TaskGraph(ROOT)
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x, n)
            .task(TASK, TransferKernels::touch, context, x, n)
            .persistOnDevice(x, n),
        one);
    add(
        graphs,
        new TaskGraph(SAVE)
            .consumeFromDevice(ROOT, x, n)
            .task(TASK, TransferKernels::touch, context, x, n)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, x, n)
            .persistOnDevice(x, n),
        one);
    for (Stage[] row : stages) {
      for (Stage stage : row) {
        add(graphs, stage.graph(ROOT, context, x, n), stage.grid);
      }
    }
    for (Kernel k : kernels) {
      Call call = calls.get(k.name());
      TaskGraph graph = new TaskGraph(k.name()).consumeFromDevice(ROOT, x, n);
      graph
          .transferToDevice(DataTransferMode.EVERY_EXECUTION, call.p, call.s)
          .task(TASK, k.code(), context, x, n, call.p, call.s);
      add(graphs, graph.persistOnDevice(x, n), call.grid);
    }
    for (Program program : programs) {
      for (int i = 0; i < program.chunks(); i++) {
        graphIndex.put(program.chunkName(i), graphs.size());
        graphs.add(program.graph(i, ROOT, context, x, n, scheduler).snapshot());
      }
    }
    plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new)).withDevice(device);
    select(ROOT).execute();
  }

  private void add(List<ImmutableTaskGraph> graphs, TaskGraph graph, WorkerGrid grid) {
    String name = graph.getTaskGraphName();
    graphIndex.put(name, graphs.size());
    scheduler.addWorkerGrid(name + "." + TASK, grid);
    graphs.add(graph.snapshot());
  }

  static void setGrid(WorkerGrid grid, Launch launch) {
    grid.setGlobalWork(launch.global[0], launch.global[1], launch.global[2]);
    grid.setLocalWork(launch.local[0], launch.local[1], launch.local[2]);
  }

  /** Brings the device's arrays to the host and ends the plan; the next call starts another. */
  private void saveToHost() {
    if (plan == null) {
      return;
    }
    execute(SAVE);
    close();
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
