package tangram.nn.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tangram.nn.data.BatchSampler.Last;
import tangram.tensor.Autograd;
import tangram.tensor.CounterRandom;
import tangram.tensor.Device;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/**
 * Batches of a dataset, by the number of the step:
 *
 * <pre>{@code
 * DataLoader loader = new DataLoader(digits, 64).shuffle(seed).workers(2);
 * for (Tensor[] batch : loader.epoch(0)) {
 *   Tensor images = batch[0];
 *   Tensor classes = batch[1];
 * }
 * }</pre>
 *
 * <p>A batch is a function of seed and step, however many workers there are, so a run that is
 * resumed at a step sees the batches that it would have seen. A batch's tensors belong to the scope
 * of the thread that takes it.
 */
public final class DataLoader {
  /** The purpose under which random versions of samples draw. */
  private static final int AUGMENTATION = 0xDA7A_1002;

  private final Dataset data;
  private final int batch;
  private Last last = Last.KEEP;
  private Long seed;
  private int workers;
  private Device device;
  private BatchSampler sampler;

  /**
   * Creates a loader that takes samples in their order.
   *
   * @param batch samples a batch
   */
  public DataLoader(Dataset data, int batch) {
    this.data = data;
    this.batch = batch;
    this.sampler = BatchSampler.inOrder(data.size(), batch, last);
  }

  /** Takes samples in another random order in each epoch, and random versions of them. */
  public DataLoader shuffle(long seed) {
    this.seed = seed;
    return resampled();
  }

  /** Sets what becomes of an epoch's last batch; unless set, it may be smaller. */
  public DataLoader last(Last last) {
    this.last = last;
    return resampled();
  }

  /**
   * Prepares a number of batches ahead, each on a virtual thread: for samples that are read from
   * files. 0 unless set: batches are prepared when they are asked for.
   */
  public DataLoader workers(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("0 or more workers, not " + count);
    }
    workers = count;
    return this;
  }

  /** Brings batches to a device; unless set, they are where the samples are. */
  public DataLoader to(Device device) {
    this.device = device;
    return this;
  }

  private DataLoader resampled() {
    sampler =
        seed == null
            ? BatchSampler.inOrder(data.size(), batch, last)
            : BatchSampler.shuffled(data.size(), batch, last, seed);
    return this;
  }

  /** Steps an epoch. */
  public long batchesPerEpoch() {
    return sampler.batchesPerEpoch();
  }

  /** The batch of a step, counted from 0 over all epochs. */
  public Tensor[] load(long step) {
    int[] indices = sampler.indices(step);
    try (Scope mine = Scope.open();
        Autograd.Guard guard = Autograd.noGrad()) {
      Tensor[] arrays =
          data.batch(
              indices, seed == null ? null : i -> new CounterRandom(seed, AUGMENTATION, step, i));
      for (int a = 0; a < arrays.length; a++) {
        arrays[a] = mine.keep(device == null ? arrays[a] : arrays[a].to(device));
      }
      return arrays;
    }
  }

  /**
   * The batches of an epoch, counted from 0, for a loop that goes to the end.
   *
   * @throws IllegalStateException if epochs do not end with a batch of their own: {@link Last#FILL}
   */
  public Iterable<Tensor[]> epoch(long epoch) {
    if (last == Last.FILL) {
      throw new IllegalStateException("batches that go on in the next epoch come from from(step)");
    }
    long first = Math.multiplyExact(epoch, batchesPerEpoch());
    return () -> new Steps(first, first + batchesPerEpoch());
  }

  /** The batches from a step on, without end; close it. */
  public Batches from(long step) {
    return new Steps(step, Long.MAX_VALUE);
  }

  /** Batches one after the other. */
  public interface Batches extends Iterator<Tensor[]>, AutoCloseable {
    /** Ends the preparation of further ones. */
    @Override
    void close();
  }

  private final class Steps implements Batches {
    private final long end;
    private final ExecutorService executor;
    private final Deque<Future<Tensor[]>> ahead = new ArrayDeque<>();
    private long next;
    private long prepared;

    private Steps(long first, long end) {
      this.next = first;
      this.prepared = first;
      this.end = end;
      executor = workers == 0 ? null : Executors.newVirtualThreadPerTaskExecutor();
    }

    @Override
    public boolean hasNext() {
      return next < end;
    }

    @Override
    public Tensor[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the epoch has no more batches");
      }
      if (executor == null) {
        return load(next++);
      }
      while (ahead.size() < workers && prepared < end) {
        long step = prepared++;
        ahead.add(executor.submit(() -> load(step)));
      }
      Tensor[] arrays = take();
      for (Tensor array : arrays) {
        Scope.own(array);
      }
      next++;
      if (!hasNext()) {
        close();
      }
      return arrays;
    }

    private Tensor[] take() {
      try {
        return ahead.remove().get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        close();
        throw new IllegalStateException("interrupted while waiting for a batch", e);
      } catch (ExecutionException e) {
        close();
        if (e.getCause() instanceof RuntimeException) {
          throw (RuntimeException) e.getCause();
        }
        throw new IllegalStateException("a batch could not be prepared", e.getCause());
      }
    }

    @Override
    public void close() {
      next = end;
      if (executor != null) {
        executor.shutdownNow();
      }
    }
  }
}
