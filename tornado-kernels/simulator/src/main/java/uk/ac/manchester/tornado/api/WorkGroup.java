package uk.ac.manchester.tornado.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * The threads of one group. One runs at a time, in order, so that results can be repeated: a thread
 * that reaches a barrier hands over to the next.
 *
 * <p>The first group of a task gets a virtual thread for each of its threads. If none of them asks
 * for local memory or meets a barrier, the other groups run on the calling thread, which is much
 * faster.
 */
final class WorkGroup {
  /** Whether threads run in the opposite order: what then differs is a race. */
  static boolean reversed = Boolean.getBoolean("tangram.simulator.reversed");

  private final KernelContext[] contexts;
  private final boolean cooperative;
  private boolean shares;
  private final List<Object> locals = new ArrayList<>();

  private Thread[] threads;
  private boolean[] done;
  private volatile int turn;
  private int epoch;
  private int doneThisEpoch;
  private volatile Throwable failure;
  private CountDownLatch finished;

  private WorkGroup(boolean cooperative, long[] global, long[] local, int[] groupId) {
    this.cooperative = cooperative;
    int size = (int) (local[0] * local[1] * local[2]);
    contexts = new KernelContext[size];
    for (int i = 0; i < size; i++) {
      contexts[i] = new KernelContext(this, i, global, local, groupId);
    }
  }

  /** Runs a task. */
  static void runAll(TaskGraph.Task task, Object[] arguments, long[] global, long[] local) {
    int[] groups = new int[3];
    for (int d = 0; d < 3; d++) {
      if (local[d] < 1 || global[d] < 1 || global[d] % local[d] != 0) {
        throw new IllegalArgumentException(
            task.id() + ": groups of " + local[d] + " do not divide " + global[d] + " threads");
      }
      groups[d] = (int) (global[d] / local[d]);
    }
    boolean shares = true;
    int count = groups[0] * groups[1] * groups[2];
    for (int i = 0; i < count; i++) {
      int g = reversed ? count - 1 - i : i;
      int[] id = {g % groups[0], g / groups[0] % groups[1], g / groups[0] / groups[1]};
      RaceDetector.group(g);
      WorkGroup group = new WorkGroup(shares, global, local, id);
      if (shares) {
        group.runTogether(task, arguments);
        shares = group.shares;
      } else {
        group.runPlainly(task, arguments);
      }
    }
  }

  private void runPlainly(TaskGraph.Task task, Object[] arguments) {
    for (int i = 0; i < contexts.length; i++) {
      int t = reversed ? contexts.length - 1 - i : i;
      RaceDetector.thread(t, 0);
      task.body().run(contexts[t], arguments);
    }
  }

  private void runTogether(TaskGraph.Task task, Object[] arguments) {
    int size = contexts.length;
    threads = new Thread[size];
    done = new boolean[size];
    finished = new CountDownLatch(1);
    for (int i = 0; i < size; i++) {
      int t = i;
      threads[i] = Thread.ofVirtual().unstarted(() -> thread(t, task, arguments));
    }
    turn = first();
    for (Thread t : threads) {
      t.start();
    }
    try {
      finished.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted within a kernel", e);
    }
    if (failure != null) {
      throw new IllegalStateException("task " + task.id() + ": " + failure.getMessage(), failure);
    }
  }

  private void thread(int t, TaskGraph.Task task, Object[] arguments) {
    try {
      await(t);
      RaceDetector.thread(t, epoch);
      task.body().run(contexts[t], arguments);
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      }
    }
    done[t] = true;
    doneThisEpoch++;
    next(t);
  }

  /** Waits at a barrier until all other threads of the group did. */
  void barrier(int t) {
    share();
    next(t);
    await(t);
    RaceDetector.thread(t, epoch);
  }

  private void await(int t) {
    while (turn != t) {
      LockSupport.park(this);
    }
    if (failure != null) {
      throw new IllegalStateException("another thread of the group failed", failure);
    }
  }

  private int first() {
    return reversed ? contexts.length - 1 : 0;
  }

  /** Hands over to the next thread that has something left to do. */
  private void next(int t) {
    int size = contexts.length;
    int step = reversed ? size - 1 : 1;
    int after = t;
    for (int i = 0; i < size; i++) {
      after = (after + step) % size;
      if (after == first()) {
        endEpoch();
      }
      if (!done[after]) {
        turn = after;
        LockSupport.unpark(threads[after]);
        return;
      }
    }
    finished.countDown();
  }

  private void endEpoch() {
    if (doneThisEpoch > 0 && doneThisEpoch < contexts.length && failure == null) {
      failure =
          new IllegalStateException(
              doneThisEpoch
                  + " of "
                  + contexts.length
                  + " threads ended while others wait at a barrier");
    }
    epoch++;
  }

  /** The n-th piece of local memory that a thread asks for, the same for all threads. */
  Object local(int number, Supplier<Object> allocator) {
    share();
    if (locals.size() == number) {
      locals.add(allocator.get());
    }
    return locals.get(number);
  }

  private void share() {
    if (!cooperative) {
      throw new IllegalStateException("a later group uses local memory that the first one did not");
    }
    shares = true;
  }
}
