package tangram.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.spark.BarrierTaskContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;
import tangram.nn.training.ExchangeException;
import tangram.nn.training.TreeSum;
import tangram.tensor.CounterRandom;

/** Workers that talk over the loopback address, as threads and as executors. */
@Timeout(120)
class SocketExchangeTest {
  private static final byte[] TOKEN = {1, 2, 3};
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    pool.shutdownNow();
  }

  private interface Work {
    Object with(SocketExchange exchange) throws Exception;
  }

  private static List<ServerSocket> servers(int workers) throws IOException {
    List<ServerSocket> servers = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      servers.add(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
    }
    return servers;
  }

  private static List<InetSocketAddress> addresses(List<ServerSocket> servers) {
    return servers.stream().map(s -> (InetSocketAddress) s.getLocalSocketAddress()).toList();
  }

  private Future<Object> worker(int rank, List<ServerSocket> servers, byte[] token, Work work) {
    List<InetSocketAddress> addresses = addresses(servers);
    return pool.submit(
        () -> {
          try (ServerSocket own = servers.get(rank);
              SocketExchange exchange =
                  new SocketExchange(rank, addresses, own, token, TIMEOUT, () -> false)) {
            return work.with(exchange);
          }
        });
  }

  private static float[] leaf(int rank, int length) {
    CounterRandom random = new CounterRandom(7, 0, rank, 0);
    float[] leaf = new float[length];
    for (int i = 0; i < length; i++) {
      leaf[i] = (float) Math.exp(20 * random.nextDouble()) * (random.nextFloat() - 0.5f);
    }
    return leaf;
  }

  @Test
  void allWorkersGetTheSumOfTheTree() throws Exception {
    for (int workers : new int[] {1, 2, 4, 8}) {
      // Also fewer numbers than workers.
      for (int length : new int[] {1, 3, 10_001}) {
        TreeSum tree = new TreeSum();
        for (int rank = 0; rank < workers; rank++) {
          tree.add(leaf(rank, length));
        }
        float[] expected = tree.total();
        List<ServerSocket> servers = servers(workers);
        List<Future<Object>> ends = new ArrayList<>();
        for (int rank = 0; rank < workers; rank++) {
          int own = rank;
          ends.add(
              worker(
                  rank,
                  servers,
                  TOKEN,
                  exchange -> {
                    float[] values = null;
                    for (int time = 0; time < 3; time++) {
                      values = leaf(own, length);
                      exchange.sum(values);
                    }
                    return values;
                  }));
        }
        for (Future<Object> end : ends) {
          assertArrayEquals(expected, (float[]) end.get(60, TimeUnit.SECONDS), 0);
        }
      }
    }
  }

  /** Sums as many numbers as a small network has, in executors. */
  private static final class Sums extends AbstractFunction1<Iterator<Object>, Iterator<Object>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Object> apply(Iterator<Object> rank) {
      BarrierTaskContext task = BarrierTaskContext.get();
      InetAddress loopback = InetAddress.getLoopbackAddress();
      try (ServerSocket own = new ServerSocket(0, 10, loopback)) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String port : task.allGather(Integer.toString(own.getLocalPort()))) {
          addresses.add(new InetSocketAddress(loopback, Integer.parseInt(port)));
        }
        float[] values = leaf(task.partitionId(), 5_500_000);
        List<Object> millis = new ArrayList<>();
        try (SocketExchange exchange =
            new SocketExchange(
                task.partitionId(), addresses, own, TOKEN, TIMEOUT, task::isInterrupted)) {
          for (int time = 0; time < 11; time++) {
            long start = System.nanoTime();
            exchange.sum(values);
            millis.add((System.nanoTime() - start) / 1_000_000);
          }
        }
        return CollectionConverters.asScala(millis.iterator());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void theSumOfANetworkByTwoExecutorsIsFast() {
    List<Object> told =
        TestCluster.shared()
            .cluster()
            .context()
            .parallelize(WorkerTask.ranks(2), 2)
            .rdd()
            .barrier()
            .mapPartitions(new Sums(), false, ClassTag$.MODULE$.Object())
            .toJavaRDD()
            .collect();
    long[] millis = told.stream().mapToLong(time -> (Long) time).sorted().toArray();
    System.out.println("all-reduce of 5.5 M floats, 2 executors, ms: " + Arrays.toString(millis));
    assertEquals(22, millis.length);
    assertTrue(millis[11] <= 500, () -> Arrays.toString(millis));
  }

  @Test
  void aStrangerIsRefusedAndTheOthersGoOn() throws Exception {
    List<ServerSocket> servers = servers(2);
    Future<Object> first =
        worker(
            0,
            servers,
            TOKEN,
            exchange -> {
              float[] values = {1, 2};
              exchange.sum(values);
              return values;
            });
    List<ServerSocket> strange = List.of(servers.get(0), servers(1).get(0));
    Future<Object> stranger = worker(1, strange, new byte[] {9}, exchange -> "in");
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> stranger.get(60, TimeUnit.SECONDS));
    assertTrue(e.getCause() instanceof ExchangeException, e::toString);
    try (Socket noise = new Socket()) {
      noise.connect(addresses(servers).get(0));
      noise.getOutputStream().write(new byte[200]);
      assertEquals(32, noise.getInputStream().readNBytes(64).length, "a challenge and no more");
    }
    Future<Object> second =
        worker(
            1,
            servers,
            TOKEN,
            exchange -> {
              float[] values = {10, 20};
              exchange.sum(values);
              return values;
            });
    assertArrayEquals(new float[] {11, 22}, (float[]) first.get(60, TimeUnit.SECONDS));
    assertArrayEquals(new float[] {11, 22}, (float[]) second.get(60, TimeUnit.SECONDS));
  }

  @Test
  void aWorkerThatEndsIsNoticedAndNamed() throws Exception {
    List<ServerSocket> servers = servers(2);
    Future<Object> first =
        worker(
            0,
            servers,
            TOKEN,
            exchange -> {
              exchange.sum(new float[10]);
              exchange.sum(new float[10]);
              return null;
            });
    worker(
            1,
            servers,
            TOKEN,
            exchange -> {
              exchange.sum(new float[10]);
              return null;
            })
        .get(60, TimeUnit.SECONDS);
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> first.get(60, TimeUnit.SECONDS));
    assertTrue(e.getCause().getMessage().startsWith("Worker 1 at "), e::toString);
  }
}
