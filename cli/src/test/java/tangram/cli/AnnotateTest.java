package tangram.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tangram.pclmix.data.Nifti;
import tangram.pclmix.data.NiftiHeader;
import tangram.pclmix.data.Volume;
import tangram.pclmix.phantom.PhantomData;

/** The command, in a process of its own, asked as its page asks. */
@Timeout(240)
class AnnotateTest {
  private static final int SIZE = 48;
  private static final Pattern URL =
      Pattern.compile("Annotate  (http://127\\.0\\.0\\.1:\\d+/)#t=(\\S+)");

  @TempDir private Path temporary;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Process> started = new ArrayList<>();
  private String address;
  private String token;

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
    client.close();
  }

  private Path folder() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("scans"));
    for (int patient = 1; patient <= 2; patient++) {
      Volume v = PhantomData.volume(SIZE, 1, patient);
      short[] values = new short[v.image().length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (short) (1000 * v.image()[i]);
      }
      NiftiHeader header = NiftiHeader.of(v.depth(), v.height(), v.width(), v.spacing());
      Nifti.write(folder.resolve("p" + patient + "_frame01.nii.gz"), header, values);
      Nifti.write(folder.resolve("p" + patient + "_frame01_gt.nii.gz"), header, v.label());
    }
    short[] series = new short[SIZE * SIZE * 2 * 2];
    for (int i = 0; i < series.length; i++) {
      series[i] = (short) (i * 31 % 977);
    }
    RawNifti.store(
        folder.resolve("cine.nii.gz"),
        RawNifti.make(ByteOrder.LITTLE_ENDIAN, series, SIZE, SIZE, 2, 2));
    return folder;
  }

  private Path start(Object... arguments) throws Exception {
    Path output = temporary.resolve("output" + started.size());
    Process process = Cli.start(output, arguments);
    started.add(process);
    Matcher url = URL.matcher("");
    while (!url.reset(Files.exists(output) ? Files.readString(output) : "").find()) {
      assertTrue(process.isAlive(), () -> "the program ended early; see " + output);
      Thread.sleep(20);
    }
    address = url.group(1);
    token = url.group(2);
    return output;
  }

  private HttpResponse<String> ask(String method, String path, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + "api" + path))
            .header("X-Pclmix-Token", token)
            .method(method, BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static List<String> files(HttpResponse<String> answer) throws IOException {
    List<String> names = new ArrayList<>();
    new ObjectMapper()
        .readTree(answer.body())
        .path("files")
        .forEach(node -> names.add(node.asText()));
    return names;
  }

  @Test
  void exportWritesWhatPredictWritesAndCtrlCSavesAll() throws Exception {
    Path folder = folder();
    Path run = temporary.resolve("run");
    Cli.run(Cli.trainOnPhantoms(run, "--iterations", 4, "--validate-every", 2)).assertDone();
    Path weights =
        Files.createDirectories(folder.resolve("annotate/model")).resolve("001.safetensors");
    Files.copy(run.resolve("best.safetensors"), weights);
    Path output = start("annotate", folder, "--no-open", "--port", freePort());
    HttpResponse<String> exported =
        ask("POST", "/export", "{\"what\":\"probabilities\"}".getBytes());
    assertEquals(200, exported.statusCode(), exported.body());
    Path predicted = temporary.resolve("predicted");
    Cli.run("predict", "--model", weights, "--out", predicted, "--probabilities", folder);
    assertEquals(6, files(exported).size(), exported.body());
    for (String name : files(exported)) {
      assertArrayEquals(
          Files.readAllBytes(predicted.resolve(Path.of(name).getFileName())),
          Files.readAllBytes(folder.resolve(name)),
          name);
    }
    HttpResponse<String> again = ask("POST", "/export", "{\"what\":\"masks\"}".getBytes());
    assertEquals(409, again.statusCode());
    assertEquals(3, files(again).size(), again.body());
    String replace = "{\"what\":\"masks\",\"replace\":true}";
    assertEquals(200, ask("POST", "/export", replace.getBytes()).statusCode());

    // Truths lie beside two scans.
    String session = "";
    while (!session.contains("\"truth\":[{\"id\":1,\"dice\":[null,")) {
      Thread.sleep(50);
      session = ask("GET", "/session", new byte[0]).body();
    }

    byte[] labels = new byte[SIZE * SIZE];
    Arrays.fill(labels, (byte) 255);
    String path = "/scans/1/scribbles/0/3";
    String tag = ask("GET", path, new byte[0]).headers().firstValue("ETag").orElseThrow();
    labels[100] = 2;
    assertEquals(200, ask("PUT", path, labels, "If-Match", tag).statusCode());
    assertFalse(Files.exists(folder.resolve("p1_frame01_scribble.nii.gz")));
    Cli.run("annotate", folder, "--no-open").assertFailed(Program.FAILED, "another process");
    Cli.signal(started.get(0), "INT");
    assertTrue(started.get(0).waitFor(60, TimeUnit.SECONDS), "the signal did not end it");
    assertEquals(0, started.get(0).exitValue(), Files.readString(output));
    assertTrue(Files.readString(output).contains("All is saved"), Files.readString(output));
    byte[] saved = Nifti.read(folder.resolve("p1_frame01_scribble.nii.gz")).labels();
    assertEquals(2, saved[3 * SIZE * SIZE + 100]);
    assertEquals(4, saved[0]);
  }

  private static int freePort() throws IOException {
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aRoundIsTrainedAndAFullRunStarted() throws Exception {
    Path folder = folder();
    start("annotate", folder, "--no-open", "--port", freePort());
    Volume v = PhantomData.volume(SIZE, 1, 1);
    for (int z = 3; z < 6; z++) {
      byte[] labels = Arrays.copyOfRange(v.scribble(), z * SIZE * SIZE, (z + 1) * SIZE * SIZE);
      for (int i = 0; i < labels.length; i++) {
        labels[i] = labels[i] == 4 ? (byte) 255 : labels[i];
      }
      String path = "/scans/1/scribbles/0/" + z;
      String tag = ask("GET", path, new byte[0]).headers().firstValue("ETag").orElseThrow();
      assertEquals(200, ask("PUT", path, labels, "If-Match", tag).statusCode());
    }
    HttpResponse<String> begun = ask("POST", "/train", "{\"mode\":\"once\"}".getBytes());
    assertEquals(200, begun.statusCode(), begun.body());
    HttpResponse<String> second = ask("POST", "/train", "{\"mode\":\"full\"}".getBytes());
    assertEquals(409, second.statusCode(), second.body());
    String session = "";
    while (!session.contains("\"number\":1")) {
      Thread.sleep(100);
      session = ask("GET", "/session", new byte[0]).body();
    }
    while (session.contains("\"state\":\"running\"")) {
      Thread.sleep(100);
      session = ask("GET", "/session", new byte[0]).body();
    }
    HttpResponse<String> prediction = ask("GET", "/scans/1/prediction/0/4?view=1", new byte[0]);
    assertEquals(200, prediction.statusCode());
    HttpResponse<String> classes =
        ask(
            "PATCH",
            "/session",
            ("""
            {"classes":[{"id":0,"name":"background","colour":"#009E73"},
            {"id":1,"name":"RV","colour":"#E69F00"},{"id":2,"name":"Myo","colour":"#56B4E9"},
            {"id":3,"name":"LV","colour":"#CC79A7"},{"id":4,"name":"scar","colour":"#0000FF"}]}""")
                .getBytes());
    assertEquals(200, classes.statusCode(), classes.body());
    HttpResponse<String> full = ask("POST", "/train", "{\"mode\":\"full\"}".getBytes());
    assertEquals(200, full.statusCode(), full.body());
    while (!session.contains("\"runUrl\":\"http://127.0.0.1:")) {
      Thread.sleep(200);
      session = ask("GET", "/session", new byte[0]).body();
      assertTrue(session.contains("\"state\":\"full\""), session);
    }
    Cli.signal(started.get(0), "TERM");
    assertTrue(started.get(0).waitFor(120, TimeUnit.SECONDS), "the signal did not end it");
    assertTrue(Files.exists(folder.resolve("annotate/runs/001/data/cases.csv")));
  }

  @Test
  void wrongUseIsASentence() throws IOException {
    Path none = temporary.resolve("none");
    Cli.run("annotate", none, "--no-open").assertFailed(Program.FAILED, none, "no such folder");
    assertFalse(Files.exists(none));
    Cli.run("annotate").assertFailed(Program.USAGE, "FOLDER");
    Cli.run("annotate", temporary, "--port", 0).assertFailed(Program.USAGE, "--port");
    Cli.run("annotate", temporary, "--preset", "tiny", "--model", none)
        .assertFailed(Program.USAGE, "--preset");
    Cli.run("annotate", temporary, "--no-open", "--model", none).assertFailed(Program.FAILED, none);
  }

  @Test
  void theTokenIsNoArgumentOfAProcess() {
    // Nobody's screen.
    assertEquals(null, Browser.open("http://127.0.0.1:1/#t=x", Map.of()));
  }
}
