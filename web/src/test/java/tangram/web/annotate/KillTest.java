package tangram.web.annotate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own comes to a bad end. */
@Timeout(240)
class KillTest {
  private static final int SIZE = 64;

  @TempDir private Path folder;
  private final List<ServerProcess> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(ServerProcess::close);
  }

  private String start() throws Exception {
    started.add(new ServerProcess(folder, 0));
    return started.getLast().url();
  }

  private static byte[] labels(int round) {
    byte[] labels = TestPage.slice(SIZE * SIZE, round % 4);
    for (int i = 0; i < 30; i++) {
      labels[(round * 37 + i * 11) % labels.length] = (byte) (round % 4);
    }
    return labels;
  }

  @Test
  void whatWasAnsweredIsThereAfterAKill() throws Exception {
    TestScans.phantom(folder, "p1", SIZE, 1);
    TreeMap<String, byte[]> answered = new TreeMap<>();
    int round = 0;
    for (int kill = 0; kill < 3; kill++) {
      String url = start();
      ServerProcess process = started.getLast();
      try (TestPage page = new TestPage(url, "tab")) {
        for (String path : answered.keySet()) {
          assertArrayEquals(answered.get(path), page.get(path).body(), path + " is lost");
        }
        // The last of these is killed while it is on its way.
        Thread killer =
            new Thread(
                () -> {
                  try {
                    Thread.sleep(1_500);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  process.close();
                });
        killer.start();
        try {
          while (true) {
            String path = "/scans/0/scribbles/0/" + round % 10;
            byte[] labels = labels(round);
            HttpResponse<byte[]> answer = page.draw(path, labels);
            assertEquals(200, answer.statusCode(), new String(answer.body()));
            answered.put(path, labels);
            round++;
          }
        } catch (IOException e) {
          // The server is gone.
          killer.join();
          // This slice may be the new or the old one.
          answered.remove("/scans/0/scribbles/0/" + round % 10);
        }
      }
    }
    assertTrue(round > 10, "only " + round + " slices were saved");
  }

  @Test
  void aFullDiskIsToldAndSavingGoesOnAfterwards() throws Exception {
    assumeTrue(ServerProcess.canLimitFiles(), "prlimit (util-linux) is not there");
    TestScans.phantom(folder, "p1", SIZE, 1);
    String url = start();
    try (TestPage page = new TestPage(url, "tab")) {
      started.getLast().limitFiles("4000");
      int failed = 0;
      int status = 200;
      while (status == 200) {
        failed++;
        status = page.draw("/scans/0/scribbles/0/" + failed % 10, labels(failed)).statusCode();
      }
      assertEquals(507, status);
      String path = "/scans/0/scribbles/0/" + failed % 10;
      HttpResponse<byte[]> answer = page.draw(path, labels(failed));
      assertEquals(507, answer.statusCode());
      String error = page.json(answer).path("error").asText();
      assertTrue(error.contains("journal: cannot be written"), error);
      started.getLast().limitFiles("unlimited");
      assertEquals(200, page.draw(path, labels(failed)).statusCode());
      started.getLast().close();
      try (TestPage again = new TestPage(start(), "tab")) {
        for (int i = Math.max(1, failed - 5); i <= failed; i++) {
          assertArrayEquals(labels(i), again.get("/scans/0/scribbles/0/" + i % 10).body());
        }
      }
    }
  }

  @Test
  void ofTwoProcessesOneHasTheFolder() throws Exception {
    TestScans.phantom(folder, "p1", SIZE, 1);
    start();
    try {
      Session.open(folder, null).close();
      throw new AssertionError("both have it");
    } catch (tangram.nn.FileWriteException e) {
      assertTrue(e.getMessage().contains("another process"), e.getMessage());
    }
  }
}
