package uk.ac.manchester.tornado.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.AccessTracker;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The simulator computes what a GPU would, and finds what a GPU would not tell. */
class SimulatorTest {
  private static final int GROUP = 8;

  @AfterEach
  void stopWatching() {
    TornadoNativeArray.setTracker(AccessTracker.NONE);
    WorkGroup.reversed = false;
  }

  /** Sums the elements of each group by a tree in local memory. */
  static void treeSum(KernelContext c, FloatArray x, FloatArray y) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    part[c.localIdx] = x.get(c.globalIdx);
    c.localBarrier();
    for (int half = GROUP / 2; half > 0; half /= 2) {
      if (c.localIdx < half) {
        part[c.localIdx] += part[c.localIdx + half];
      }
      c.localBarrier();
    }
    if (c.localIdx == 0) {
      y.set(c.groupIdx, part[0]);
    }
  }

  /** The same without barriers between the steps. */
  static void racySum(KernelContext c, FloatArray x, FloatArray y) {
    float[] part = c.allocateFloatLocalArray(GROUP);
    part[c.localIdx] = x.get(c.globalIdx);
    if (c.localIdx < GROUP - 1) {
      part[c.localIdx] += part[c.localIdx + 1];
    }
    c.localBarrier();
    if (c.localIdx == 0) {
      y.set(c.groupIdx, part[0]);
    }
  }

  /** Half of the threads leave before the barrier. */
  static void divergent(KernelContext c, FloatArray x, FloatArray y) {
    float[] part = c.allocateFloatLocalArray(1);
    if (c.localIdx < GROUP / 2) {
      part[0] = x.get(0);
      c.localBarrier();
    }
  }

  /** All threads add to one element. */
  static void shared(KernelContext c, FloatArray x, FloatArray y) {
    y.set(0, y.get(0) + x.get(c.globalIdx));
  }

  static void writeHalf(KernelContext c, FloatArray x, FloatArray y) {
    if (c.globalIdx % 2 == 0) {
      y.set(c.globalIdx, x.get(c.globalIdx));
    }
  }

  private static FloatArray run(Task3<KernelContext, FloatArray, FloatArray> kernel) {
    FloatArray x = new FloatArray(4 * GROUP);
    for (int i = 0; i < x.getSize(); i++) {
      x.set(i, i + 1);
    }
    FloatArray y = new FloatArray(4 * GROUP);
    WorkerGrid grid = new WorkerGrid1D(x.getSize());
    grid.setLocalWork(GROUP, 1, 1);
    GridScheduler scheduler = new GridScheduler();
    scheduler.addWorkerGrid("g.t", grid);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(DataTransferMode.EVERY_EXECUTION, x)
            .task("t", kernel, new KernelContext(), x, y)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, y);
    new TornadoExecutionPlan(graph.snapshot()).withGridScheduler(scheduler).execute();
    return y;
  }

  @Test
  void barriersOrderTheStepsOfATree() {
    for (boolean reversed : new boolean[] {false, true}) {
      WorkGroup.reversed = reversed;
      FloatArray y = run(SimulatorTest::treeSum);
      assertEquals(36f, y.get(0));
      assertEquals(36f + 3 * 64, y.get(3));
    }
  }

  @Test
  void theOppositeOrderShowsRacesInLocalMemory() {
    float forward = run(SimulatorTest::racySum).get(0);
    WorkGroup.reversed = true;
    assertTrue(forward != run(SimulatorTest::racySum).get(0));
  }

  @Test
  void racesOnArraysAreFound() {
    RaceDetector.enable();
    Throwable e = assertThrows(IllegalStateException.class, () -> run(SimulatorTest::shared));
    assertTrue(e.getMessage().contains("race"), e.getMessage());
    run(SimulatorTest::treeSum);
  }

  @Test
  void barriersThatSomeThreadsMissAreFound() {
    Throwable e = assertThrows(IllegalStateException.class, () -> run(SimulatorTest::divergent));
    assertTrue(e.getMessage().contains("barrier"), e.getMessage());
  }

  @Test
  void memoryThatNobodyWroteIsGarbage() {
    FloatArray y = run(SimulatorTest::writeHalf);
    assertEquals(1f, y.get(0));
    assertTrue(Float.isNaN(y.get(1)));
  }

  static void increment(KernelContext c, IntArray x) {
    x.set(c.globalIdx, x.get(c.globalIdx) + 1);
  }

  @Test
  void arraysGoFromGraphToGraphOnTheDevice() {
    IntArray x = new IntArray(2);
    GridScheduler scheduler = new GridScheduler();
    scheduler.addWorkerGrid("a.t", new WorkerGrid1D(2));
    scheduler.addWorkerGrid("b.t", new WorkerGrid1D(2));
    TaskGraph a =
        new TaskGraph("a")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
            .task("t", SimulatorTest::increment, new KernelContext(), x)
            .persistOnDevice(x);
    TaskGraph b =
        new TaskGraph("b")
            .consumeFromDevice("a", x)
            .task("t", SimulatorTest::increment, new KernelContext(), x)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, x);
    TornadoExecutionPlan plan =
        new TornadoExecutionPlan(a.snapshot(), b.snapshot()).withGridScheduler(scheduler);
    assertThrows(IllegalStateException.class, () -> plan.withGraph(1).execute());
    plan.withGraph(0).execute();
    plan.withGraph(0).execute();
    assertEquals(0, x.get(1));
    plan.withGraph(1).execute();
    assertEquals(3, x.get(1));
  }

  @Test
  void cudaGraphsRepeatWhatTheyDidFirst() {
    IntArray x = new IntArray(4);
    WorkerGrid grid = new WorkerGrid1D(2);
    GridScheduler scheduler = new GridScheduler();
    scheduler.addWorkerGrid("a.t", grid);
    TaskGraph a =
        new TaskGraph("a")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
            .task("t", SimulatorTest::increment, new KernelContext(), x)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, x);
    TornadoExecutionPlan plan =
        new TornadoExecutionPlan(a.snapshot()).withGridScheduler(scheduler).withCUDAGraph();
    plan.execute();
    grid.setGlobalWork(4, 1, 1);
    plan.execute();
    assertEquals(2, x.get(1));
    assertEquals(0, x.get(3));
    assertThrows(IllegalStateException.class, plan::withCUDAGraph);
  }

  @Test
  void gridsNameATaskOfTheGraph() {
    GridScheduler scheduler = new GridScheduler();
    scheduler.addWorkerGrid("b.t", new WorkerGrid1D(2));
    TornadoExecutionPlan plan = new TornadoExecutionPlan(new TaskGraph("a").snapshot());
    assertThrows(IllegalArgumentException.class, () -> plan.withGridScheduler(scheduler));
  }
}
