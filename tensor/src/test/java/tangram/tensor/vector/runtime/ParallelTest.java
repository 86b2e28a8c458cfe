package tangram.tensor.vector.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParallelTest {
  private final int before = Parallel.threads();

  @AfterEach
  void restore() {
    Parallel.setThreads(before);
  }

  @Test
  void everyIndexRunsOnceInEveryOfManyJobs() {
    for (int threads : new int[] {1, 2, 5}) {
      Parallel.setThreads(threads);
      assertEquals(threads, Parallel.threads());
      for (int job = 0; job < 3000; job++) {
        int tasks = job % 37;
        AtomicIntegerArray calls = new AtomicIntegerArray(37);
        Parallel.run(tasks, calls::incrementAndGet);
        for (int i = 0; i < 37; i++) {
          assertEquals(i < tasks ? 1 : 0, calls.get(i), "job " + job + " task " + i);
        }
      }
    }
  }

  @Test
  void plainWritesOfTasksAreVisibleToTheCaller() {
    Parallel.setThreads(3);
    int[] written = new int[64];
    for (int job = 1; job < 5000; job++) {
      int value = job;
      Parallel.run(64, i -> written[i] = value);
      for (int v : written) {
        assertEquals(value, v);
      }
    }
  }

  @Test
  void severalThreadsTakePart() throws InterruptedException {
    Parallel.setThreads(3);
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    CountDownLatch all = new CountDownLatch(3);
    // Each task waits for the two others, so three threads must run them.
    Parallel.run(
        3,
        i -> {
          seen.add(Thread.currentThread());
          all.countDown();
          try {
            all.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertEquals(3, seen.size());
    assertTrue(seen.contains(Thread.currentThread()));
  }

  @Test
  void workersWakeAfterTheyHaveParked() throws InterruptedException {
    Parallel.setThreads(2);
    for (int round = 0; round < 5; round++) {
      Thread.sleep(20);
      CountDownLatch both = new CountDownLatch(2);
      Parallel.run(
          2,
          i -> {
            both.countDown();
            try {
              both.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      assertEquals(0, both.getCount());
    }
  }

  @Test
  void nestedCallRunsOnTheSameThread() {
    Parallel.setThreads(4);
    AtomicInteger inner = new AtomicInteger();
    Parallel.run(
        8,
        i -> {
          Thread outer = Thread.currentThread();
          Parallel.run(
              5,
              j -> {
                assertSame(outer, Thread.currentThread());
                inner.incrementAndGet();
              });
        });
    assertEquals(40, inner.get());
  }

  @Test
  void theExceptionOfTheLowestIndexIsThrownAndAllTasksRun() {
    for (int threads : new int[] {1, 4}) {
      Parallel.setThreads(threads);
      AtomicInteger ran = new AtomicInteger();
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Parallel.run(
                      50,
                      i -> {
                        ran.incrementAndGet();
                        if (i % 10 == 7) {
                          throw new IllegalStateException("task " + i);
                        }
                      }));
      assertEquals("task 7", thrown.getMessage());
      assertEquals(4, countSuppressed(thrown));
      assertEquals(50, ran.get());
      AtomicInteger after = new AtomicInteger();
      Parallel.run(9, i -> after.incrementAndGet());
      assertEquals(9, after.get());
    }
  }

  private static int countSuppressed(Throwable t) {
    int count = 0;
    for (Throwable s : t.getSuppressed()) {
      count += 1 + countSuppressed(s);
    }
    return count;
  }

  @Test
  void callersOnDifferentThreadsDoNotDisturbEachOther() throws InterruptedException {
    Parallel.setThreads(2);
    AtomicInteger wrong = new AtomicInteger();
    Thread[] callers = new Thread[3];
    for (int c = 0; c < callers.length; c++) {
      callers[c] =
          new Thread(
              () -> {
                for (int job = 0; job < 2000; job++) {
                  AtomicInteger sum = new AtomicInteger();
                  Parallel.run(10, sum::addAndGet);
                  if (sum.get() != 45) {
                    wrong.incrementAndGet();
                  }
                }
              });
      callers[c].start();
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(0, wrong.get());
  }

  @Test
  void theNumberOfThreadsCanChangeAtAnyTime() {
    for (int round = 0; round < 50; round++) {
      Parallel.setThreads(1 + round % 4);
      AtomicInteger sum = new AtomicInteger();
      Parallel.run(100, sum::addAndGet);
      assertEquals(4950, sum.get());
    }
  }

  @Test
  void badArgumentsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Parallel.setThreads(0));
    assertThrows(IllegalArgumentException.class, () -> Parallel.run(-1, i -> {}));
    AtomicInteger none = new AtomicInteger();
    Parallel.run(0, none::addAndGet);
    assertFalse(none.get() != 0);
  }
}
