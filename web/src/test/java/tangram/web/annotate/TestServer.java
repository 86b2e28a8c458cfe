package tangram.web.annotate;

import java.nio.file.Path;
import java.util.Optional;
import tangram.pclmix.active.ActiveData;
import tangram.pclmix.active.ActiveModel;
import tangram.pclmix.training.TrainedModel;

/** A server with a network that learns nothing, in this process or one of its own. */
public final class TestServer {
  private TestServer() {}

  /** Serves a folder until the process ends: {@code FOLDER PORT}. */
  public static void main(String[] arguments) throws InterruptedException {
    AnnotateServer server = open(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    System.out.println(server.url());
    Thread.currentThread().join();
  }

  static AnnotateServer open(Path folder, int port) {
    return new AnnotateServer(
        folder, null, port, new FakeModels(), new NoFullRun(), Throwable::printStackTrace);
  }

  static final class FakeModels implements Models {
    FakeModel last;
    int opened;

    @Override
    public ActiveModel open(ActiveData data, Path folder, ActiveModel.Listener listener) {
      opened++;
      last = new FakeModel(data, listener);
      return last;
    }

    @Override
    public TrainedModel load(Path weights) {
      throw new AssertionError("there are no weights");
    }
  }

  public static final class NoFullRun implements FullRun {
    @Override
    public void start(ActiveData data, TruthOf truths, Path folder, Runnable changed) {
      throw new IllegalStateException("Full training is not tried here; leave it.");
    }

    @Override
    public boolean isRunning() {
      return false;
    }

    @Override
    public Optional<Path> run() {
      return Optional.empty();
    }

    @Override
    public Optional<String> url() {
      return Optional.empty();
    }

    @Override
    public Optional<String> note() {
      return Optional.empty();
    }

    @Override
    public void stop() {}

    @Override
    public void close() {}
  }
}
