package tangram.web.annotate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The routes, asked as the page asks them. */
@Timeout(120)
class AnnotateServerTest {
  private static final int W = 5;
  private static final int H = 4;
  private static final String SLICE = "/scans/0/scribbles/0/1";

  @TempDir private Path folder;
  private final TestServer.FakeModels models = new TestServer.FakeModels();
  private AnnotateServer server;
  private TestPage page;

  @BeforeEach
  void start() throws IOException {
    TestScans.store(folder.resolve("p1_frame01.nii.gz"), TestScans.make(W, H, 3));
    TestScans.store(folder.resolve("p1_frame02.nii.gz"), TestScans.make(W, H, 3));
    TestScans.store(folder.resolve("p2.nii.gz"), TestScans.make(W, H, 3, 2));
    server =
        new AnnotateServer(
            folder, null, 0, models, new TestServer.NoFullRun(), Throwable::printStackTrace);
    page = new TestPage(server.url(), "first");
  }

  @AfterEach
  void stop() {
    page.close();
    server.close();
  }

  private void assertProblem(int status, HttpResponse<byte[]> answer, String... words)
      throws IOException {
    assertEquals(status, answer.statusCode(), new String(answer.body()));
    String error = page.json(answer).path("error").asText();
    for (String word : words) {
      assertTrue(error.contains(word), error);
    }
  }

  @Test
  void theSessionTellsAll() throws IOException {
    JsonNode session = page.session();
    assertEquals(1, session.path("version").asInt());
    assertEquals(folder.toString(), session.path("folder").asText());
    assertTrue(session.path("readOnly").isNull());
    assertEquals("Myo", session.path("classes").path(2).path("name").asText());
    assertEquals("#56B4E9", session.path("classes").path(2).path("colour").asText());
    JsonNode scan = session.path("scans").path(2);
    assertEquals("p2", scan.path("name").asText());
    assertEquals("p2.nii.gz", scan.path("file").asText());
    assertEquals(2, scan.path("frames").asInt());
    assertEquals(9, scan.path("spacing").path(0).asDouble());
    assertEquals("R", scan.path("edges").path("left").asText());
    assertEquals("ok", scan.path("state").asText());
    assertEquals("idle", session.path("training").path("state").asText());
    assertTrue(session.path("decoders").isNull());
    assertEquals(4, session.path("agreement").path(0).path("voxels").asInt());
  }

  @Test
  void framesAreLevelsBetweenTheirEnds() throws IOException {
    HttpResponse<byte[]> answer = page.get("/scans/2/frames/1");
    String[] range = answer.headers().firstValue("X-Range").orElseThrow().split(" ");
    double min = Double.parseDouble(range[0]);
    double max = Double.parseDouble(range[1]);
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      ByteBuffer levels = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(2 * W * H * 3, levels.capacity());
      for (int i = 0; i < W * H * 3; i++) {
        double value = min + (levels.getShort(2 * i) & 0xFFFF) / 65535.0 * (max - min);
        assertEquals(2 * (W * H * 3 + i) - 5, value, 1e-2);
      }
    }
    assertProblem(404, page.get("/scans/2/frames/2"), "frame 2");
    assertProblem(404, page.get("/scans/3/frames/0"), "scan 3");
  }

  @Test
  void aSliceIsSavedReadAndGuarded() throws IOException {
    HttpResponse<byte[]> empty = page.get(SLICE);
    assertArrayEquals(TestPage.slice(W * H, 0), empty.body());
    String first = empty.headers().firstValue("ETag").orElseThrow();
    byte[] labels = TestPage.slice(W * H, 3, 6, 7);
    HttpResponse<byte[]> answer = page.put(SLICE, labels, first);
    assertEquals(200, answer.statusCode(), new String(answer.body()));
    String second = answer.headers().firstValue("ETag").orElseThrow();
    assertEquals("\"" + page.json(answer).path("revision").asLong() + "\"", second);
    assertTrue(page.json(answer).path("saved").asLong() > 1e12);
    assertArrayEquals(labels, page.get(SLICE).body());
    assertEquals(List.of("SliceKey[scan=0, frame=0, slice=1] [6, 7] [3, 3]"), models.last.changes);
    // The same again, as if the answer had been lost.
    assertEquals(200, page.put(SLICE, labels, first).statusCode());
    byte[] other = TestPage.slice(W * H, 1, 6);
    assertProblem(412, page.put(SLICE, other, first), "changed elsewhere");
    assertEquals(200, page.put(SLICE, other, second).statusCode());
    assertEquals("SliceKey[scan=0, frame=0, slice=1] [6, 7] [1, 4]", models.last.changes.get(1));
    JsonNode session = page.session();
    assertEquals(
        List.of(0, 1, 1), TestPage.ints(session.path("scans").path(0).path("drawn").path(0)));
    assertEquals(1, session.path("unsaved").asInt());
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    String tag = page.get(SLICE).headers().firstValue("ETag").orElseThrow();
    assertProblem(413, page.put(SLICE, new byte[W * H + 1], tag), "20 bytes");
    assertProblem(422, page.put(SLICE, new byte[W * H - 1], tag), "4x5 voxels, not 19");
    assertProblem(422, page.put(SLICE, TestPage.slice(W * H, 4, 2), tag), "no class 4");
    assertProblem(412, page.put(SLICE, new byte[W * H], "\"1\""));
    assertProblem(412, page.put(SLICE, new byte[W * H], "*"));
    assertProblem(428, page.call("PUT", SLICE, "01234567890123456789"));
    assertProblem(404, page.put("/scans/0/scribbles/0/3", new byte[W * H], tag));
    assertProblem(404, page.put("/scans/0/scribbles/1/0", new byte[W * H], tag));
    assertEquals(List.of(), models.last.changes);
  }

  @Test
  void filesAreWrittenAfterSomeRest() throws Exception {
    page.draw(SLICE, TestPage.slice(W * H, 3, 6));
    Path file = folder.resolve("p1_frame01_scribble.nii.gz");
    assertFalse(Files.exists(file));
    while (!Files.exists(file) || page.session().path("unsaved").asInt() > 0) {
      Thread.sleep(50);
    }
    assertEquals(3, TestScans.values(TestScans.load(file))[W * H + 6]);
    page.draw(SLICE, TestPage.slice(W * H, 2, 6));
    server.close();
    assertEquals(2, TestScans.values(TestScans.load(file))[W * H + 6]);
    assertTrue(models.last.closed);
  }

  @Test
  void rolesGoByPatientAndWindowsByScan() throws IOException {
    String held = "{\"scan\":{\"id\":0,\"role\":\"heldOut\"}}";
    JsonNode scans = page.json(page.call("PATCH", "/session", held)).path("scans");
    assertEquals("heldOut", scans.path(0).path("role").asText());
    assertEquals("heldOut", scans.path(1).path("role").asText());
    assertEquals("train", scans.path(2).path("role").asText());
    String named =
        "{\"scan\":{\"id\":2,\"patient\":\"p1\"},\"window\":{\"scan\":1,\"low\":0.5,\"high\":3}}";
    JsonNode session = page.json(page.call("PATCH", "/session", named));
    assertEquals("heldOut", session.path("scans").path(2).path("role").asText());
    assertEquals(3, session.path("windows").path("1").path(1).asDouble());
    String auto = "{\"window\":{\"scan\":1,\"low\":null,\"high\":null}}";
    assertTrue(page.json(page.call("PATCH", "/session", auto)).path("windows").isEmpty());
    for (String bad :
        List.of(
            "{\"window\":{\"scan\":1,\"low\":3,\"high\":3}}",
            "{\"window\":{\"scan\":1,\"low\":\"NaN\",\"high\":3}}",
            "{\"scan\":{\"id\":1,\"role\":\"boss\"}}",
            "{\"scan\":{\"id\":1,\"patient\":\" \"}}",
            "{\"answer\":{\"scan\":1,\"zeroIsUnlabelled\":true}}")) {
      assertProblem(422, page.call("PATCH", "/session", bad));
    }
    assertProblem(404, page.call("PATCH", "/session", "{\"scan\":{\"id\":9}}"));
  }

  private static String classes(String... names) {
    StringBuilder text = new StringBuilder("{\"classes\":[");
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : ",").append("{\"id\":").append(i).append(",\"name\":\"");
      text.append(names[i]).append("\",\"colour\":\"#00000").append(i).append("\"}");
    }
    return text + "]}";
  }

  @Test
  void classesAreRenamedAndAdded() throws IOException {
    page.draw(SLICE, TestPage.slice(W * H, 3, 6));
    page.call("PATCH", "/session", classes("back", "a", "b", "c"));
    assertEquals(1, models.opened);
    String five = classes("back", "a", "b", "c", "d");
    JsonNode session = page.json(page.call("PATCH", "/session", five));
    assertEquals("d", session.path("classes").path(4).path("name").asText());
    assertEquals(2, models.opened);
    assertEquals(200, page.draw(SLICE, TestPage.slice(W * H, 4, 6)).statusCode());
    assertProblem(
        409, page.call("PATCH", "/session", classes("back", "a", "b", "c")), "cannot be removed");
    for (String bad :
        List.of(classes("x", "x"), classes("x"), classes("<img onerror=alert(1)>", "b"))) {
      assertProblem(422, page.call("PATCH", "/session", bad));
    }
  }

  @Test
  void trainingPredictionsAndWhatIsNext() throws IOException {
    assertProblem(409, page.call("POST", "/train", "{\"mode\":\"once\"}"), "Nothing is drawn");
    assertEquals(204, page.get("/scans/0/prediction/0/1?view=1").statusCode());
    page.draw(SLICE, TestPage.slice(W * H, 3, 6));
    page.call("POST", "/train", "{\"mode\":\"keep\"}");
    // Files are written before a training.
    assertTrue(Files.exists(folder.resolve("p1_frame01_scribble.nii.gz")));
    assertEquals("running", page.session().path("training").path("state").asText());
    assertProblem(409, page.call("POST", "/train", "{\"mode\":\"once\"}"), "is running");
    assertProblem(
        409, page.call("PATCH", "/session", classes("a", "b", "c", "d", "e")), "during training");
    assertEquals(200, page.call("DELETE", "/train", "").statusCode());
    assertProblem(422, page.call("POST", "/train", "{\"mode\":\"twice\"}"));
    HttpResponse<byte[]> prediction = page.get("/scans/0/prediction/0/1");
    assertEquals("1", prediction.headers().firstValue("X-Model").orElseThrow());
    assertEquals("4 5", prediction.headers().firstValue("X-Size").orElseThrow());
    assertEquals(2 * W * H, prediction.body().length);
    assertEquals(3, page.json(page.get("/next?count=5")).size());
    String skip = "{\"scan\":1,\"frame\":0,\"slice\":0";
    page.call("POST", "/next/skip", skip + "}");
    assertEquals(2, page.json(page.get("/next?count=5")).size());
    assertEquals(1, page.json(page.get("/next?count=1")).size());
    page.call("POST", "/next/skip", skip + ",\"undo\":true}");
    assertEquals(3, page.json(page.get("/next")).size());
    assertProblem(409, page.call("POST", "/model/9", ""), "not kept");
    assertEquals(200, page.call("POST", "/model/1", "").statusCode());
    assertProblem(409, page.call("POST", "/export", "{\"what\":\"masks\"}"), "no model yet");
    assertProblem(422, page.call("POST", "/export", "{\"what\":\"all\"}"));
  }

  private BufferedReader listen(TestPage of) throws Exception {
    HttpResponse<InputStream> answer =
        of.client.send(of.request("/events").build(), HttpResponse.BodyHandlers.ofInputStream());
    return new BufferedReader(new InputStreamReader(answer.body()));
  }

  private static String next(BufferedReader in) throws IOException {
    String line = in.readLine();
    while (line != null && !line.startsWith("event: ")) {
      line = in.readLine();
    }
    return line == null ? null : line.substring(7) + " " + in.readLine().substring(6);
  }

  @Test
  void onePageAtATimeChangesASession() throws Exception {
    BufferedReader first = listen(page);
    try (TestPage second = new TestPage(server.url(), "second")) {
      assertTrue(next(listen(second)).startsWith("bye {\"why\":\"This session is open in"));
      assertEquals(409, second.draw(SLICE, TestPage.slice(W * H, 1, 1)).statusCode());
      assertEquals(409, second.call("POST", "/train", "{\"mode\":\"once\"}").statusCode());
      assertEquals(200, second.get("/session").statusCode());
      assertEquals(200, page.draw(SLICE, TestPage.slice(W * H, 1, 1)).statusCode());
      second.call("POST", "/session/take", "{}");
      assertEquals(
          "bye {\"why\":\"Another page has taken over.\",\"elsewhere\":true}", next(first));
      BufferedReader events = listen(second);
      assertEquals(409, page.draw(SLICE, TestPage.slice(W * H, 2, 1)).statusCode());
      assertEquals(200, second.draw(SLICE, TestPage.slice(W * H, 3, 1)).statusCode());
      second.call("POST", "/train", "{\"mode\":\"once\"}");
      assertTrue(next(events).startsWith("saved {\"saved\":"));
      assertTrue(next(events).startsWith("step {\"state\":"));
      assertEquals("round {}", next(events));
      assertEquals("predicted {\"scan\":0,\"frame\":0,\"slice\":1}", next(events));
      assertEquals("next {}", next(events));
      server.close();
      assertTrue(next(events).startsWith("bye {\"why\":\"The program has ended.\""));
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsShown() throws IOException {
    server.close();
    for (String name : List.of("journal", "run.lock", "session.json", "token", "")) {
      Files.delete(folder.resolve("annotate").resolve(name));
    }
    // A file where the folder is to be keeps even root from writing.
    Files.writeString(folder.resolve("annotate"), "");
    server = TestServer.open(folder, 0);
    try (TestPage reader = new TestPage(server.url(), "first")) {
      assertTrue(reader.session().path("readOnly").asText().contains("cannot be written to"));
      assertEquals(200, reader.get("/scans/0/frames/0").statusCode());
      byte[] labels = TestPage.slice(W * H, 1, 1);
      assertProblem(409, reader.draw(SLICE, labels), "nothing can be drawn");
      assertProblem(409, reader.call("POST", "/train", "{\"mode\":\"once\"}"));
      assertEquals(0, reader.json(reader.get("/next")).size());
    }
  }

  @Test
  void aChangedScanIsSeenAndNotDrawnOn() throws IOException {
    page.draw(SLICE, TestPage.slice(W * H, 1, 1));
    TestScans.store(
        folder.resolve("p1_frame01.nii.gz"), TestScans.make(W, H, 3).putShort(400, (short) 3));
    JsonNode scans = page.json(page.call("POST", "/session/look", "{}")).path("scans");
    assertEquals("changed", scans.path(0).path("state").asText());
    assertProblem(409, page.draw(SLICE, TestPage.slice(W * H, 2, 1)), "can be seen only");
    assertEquals(200, page.get("/scans/0/frames/0").statusCode());
    assertEquals(1, page.get(SLICE).body()[1]);
  }
}
