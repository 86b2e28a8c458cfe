package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tangram.tensor.reference.ReferenceDevice;

/** Views of one tensor are made and closed by several threads. */
class TensorThreadsTest {
  private static final int THREADS = 8;

  private final Device device = new ReferenceDevice();

  private interface Work {
    void run(int thread) throws InterruptedException;
  }

  private static void inParallel(Work work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    CountDownLatch start = new CountDownLatch(THREADS);
    List<Future<?>> results = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int thread = i;
      results.add(
          pool.submit(
              () -> {
                start.countDown();
                start.await();
                work.run(thread);
                return null;
              }));
    }
    for (Future<?> result : results) {
      result.get();
    }
    pool.shutdown();
  }

  @Test
  void viewsKeepTheirNumbers() throws Exception {
    double[] values = {1, 2, 3, 4, 5, 6};
    try (Tensor x = device.tensor(values, 2, 3)) {
      inParallel(
          thread -> {
            for (int i = 0; i < 30_000; i++) {
              try (Tensor y = x.reshape(3, 2);
                  Tensor row = x.slice(3, Shape.of(3))) {
                if (i % 500 == 0) {
                  assertArrayEquals(values, y.toDoubles());
                }
                assertEquals(3, row.size());
              }
            }
          });
      assertFalse(x.isReleased());
      assertTrue(x.isExclusive(), "all views were closed");
      assertArrayEquals(values, x.toDoubles());
    }
    assertEquals(0, device.usedBytes());
  }

  /** A tensor that all close at once is released once; its views keep the memory. */
  @Test
  void closingRaces() throws Exception {
    for (int round = 0; round < 500; round++) {
      Tensor x = device.full(7, 4);
      Tensor view = x.detach();
      inParallelOnce(x);
      assertTrue(x.isReleased());
      assertTrue(view.isExclusive());
      Tensor other = device.full(9, 4);
      assertArrayEquals(new double[] {7, 7, 7, 7}, view.toDoubles());
      view.close();
      other.close();
      assertEquals(0, device.usedBytes());
    }
  }

  private static void inParallelOnce(Tensor x) throws InterruptedException {
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(x::close);
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** A view of a tensor that another thread closes: a view, or a sentence. */
  @Test
  void viewsOfATensorThatIsClosed() throws Exception {
    for (int round = 0; round < 300; round++) {
      Tensor x = device.full(3, 4);
      inParallel(
          thread -> {
            if (thread == 0) {
              x.close();
              return;
            }
            try (Tensor view = x.detach()) {
              assertArrayEquals(new double[] {3, 3, 3, 3}, view.toDoubles());
            } catch (IllegalStateException e) {
              assertTrue(e.getMessage().contains("released"), e.getMessage());
            }
          });
      assertEquals(0, device.usedBytes());
    }
  }
}
