package tangram.tensor.vector.elementwise;

import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import tangram.tensor.DType;

/**
 * Makes generated loops ready. A new class runs some thousand times slower until the compiler has
 * it, so a loop of its own takes the place of a formula's shared loops only when it has been seen,
 * on a thread of its own and on other numbers, to be faster.
 *
 * <p>The system property {@code tangram.generate=false} turns generation off.
 */
final class LoopWarmer {
  private static final boolean ON = !"false".equals(System.getProperty("tangram.generate", "true"));

  /** Elements after which a formula counts as hot. */
  static final long HOT = 1L << 22;

  /** Runs after which a loop that is not faster is given up. */
  static final int MOST_RUNS = 4000;

  /** Runs in a row that must be faster. */
  static final int FASTER = 20;

  private static final BlockingQueue<Runnable> WAITING = new LinkedBlockingQueue<>();
  private static Thread thread;

  private LoopWarmer() {}

  /** Asks for a loop. */
  static void request(TileProgram program) {
    request(() -> warm(program));
  }

  /** Asks for work that makes something ready. */
  static synchronized void request(Runnable work) {
    if (!ON) {
      return;
    }
    WAITING.add(work);
    if (thread == null) {
      thread = new Thread(LoopWarmer::work, "tangram-loops");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void work() {
    try {
      while (true) {
        WAITING.take().run();
      }
    } catch (InterruptedException e) {
      // A daemon that nobody interrupts but to end it.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits a little before a run once there were enough for the compiler to take note: it may have
   * much else to do.
   */
  static void pause(int run) {
    if (run > MOST_RUNS / 4) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void warm(TileProgram program) {
    LoopCompiler.Loop loop = program.compile();
    int n = TileProgram.TILE;
    double[] parameters = new double[program.parameters()];
    Domain domain = Domain.of(DType.F32);
    Object[] arrays = new Object[program.operands()];
    int[] offsets = new int[program.operands()];
    float[] tiles = new float[(program.operands() + 1) * n];
    for (int i = 0; i < program.inputs(); i++) {
      arrays[i] = tiles;
      offsets[i] = i * n;
      Arrays.fill(tiles, offsets[i], offsets[i] + n, 0.5f + i);
    }
    program.prepare(domain, parameters, arrays, offsets, tiles, program.inputs() * n);
    int y = program.operands() * n;
    int faster = 0;
    for (int run = 0; run < MOST_RUNS && faster < FASTER; run++) {
      pause(run);
      long start = System.nanoTime();
      program.runShared(domain, arrays, offsets, tiles, y, n);
      long middle = System.nanoTime();
      loop.run(parameters, arrays, offsets, tiles, y, n);
      faster = System.nanoTime() - middle < middle - start ? faster + 1 : 0;
    }
    if (faster == FASTER) {
      program.use(loop);
    }
  }
}
