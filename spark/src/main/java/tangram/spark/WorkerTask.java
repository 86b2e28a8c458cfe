package tangram.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;
import tangram.pclmix.training.RunFolder;

/**
 * A worker of a training: one of the tasks that a barrier of Spark starts together and, if one of
 * them fails, starts together again. The barrier is used once, to tell where each can be reached;
 * the gradients go through a {@link SocketExchange}. The first worker has the run's folder.
 */
final class WorkerTask
    extends AbstractFunction1<scala.collection.Iterator<Object>, scala.collection.Iterator<Object>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** How long a worker waits for another, which may be validating. */
  private static final String TIMEOUT = "spark.pclmix.exchange.timeout";

  /** Before a sentence where an address would stand. */
  private static final String FAILED = "!";

  private final TrainTask.Request request;
  private final byte[] token;

  /**
   * A worker.
   *
   * @param token that workers know each other by
   */
  WorkerTask(TrainTask.Request request, byte[] token) {
    this.request = request;
    this.token = token;
  }

  @Override
  public scala.collection.Iterator<Object> apply(scala.collection.Iterator<Object> rank) {
    try (RunPlace place = RunPlace.of(request, BarrierTaskContext.get().partitionId() == 0);
        PrintWriter out = place.log()) {
      List<Object> outcomes = List.of(ExecutorRun.outcome(out, () -> work(place, out)));
      return CollectionConverters.asScala(outcomes.iterator());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String work(RunPlace place, PrintWriter out) throws Exception {
    BarrierTaskContext task = BarrierTaskContext.get();
    int rank = task.partitionId();
    String host = task.getTaskInfos()[rank].address().replaceFirst(":\\d+$", "");
    try (ServerSocket server = new ServerSocket()) {
      server.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
      ExecutorRun[] run = new ExecutorRun[1];
      RunFolder[] folder = new RunFolder[1];
      try {
        TrainTask.Outcome prepared =
            ExecutorRun.outcome(
                out,
                () -> {
                  run[0] = new ExecutorRun(request, place, task, out);
                  run[0].prepare();
                  folder[0] = rank == 0 ? run[0].open() : null;
                  return null;
                });
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String told :
            task.allGather(
                prepared.failure() == null
                    ? host + ":" + server.getLocalPort()
                    : FAILED + prepared.failure())) {
          if (told.startsWith(FAILED)) {
            // All workers end, and the first has said why.
            return told.substring(FAILED.length());
          }
          int colon = told.lastIndexOf(':');
          addresses.add(
              new InetSocketAddress(
                  told.substring(0, colon), Integer.parseInt(told.substring(colon + 1))));
        }
        Duration timeout =
            Duration.ofSeconds(SparkEnv.get().conf().getTimeAsSeconds(TIMEOUT, "3600s"));
        try (SocketExchange exchange =
            new SocketExchange(rank, addresses, server, token, timeout, task::isInterrupted)) {
          run[0].share(exchange);
          if (rank == 0) {
            run[0].train(folder[0]);
          } else {
            run[0].follow();
          }
        }
        return null;
      } finally {
        if (folder[0] != null) {
          folder[0].close();
        }
      }
    }
  }

  /** One element a worker, so that each has a task. */
  static List<Object> ranks(int workers) {
    List<Object> ranks = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      ranks.add(rank);
    }
    return ranks;
  }
}
