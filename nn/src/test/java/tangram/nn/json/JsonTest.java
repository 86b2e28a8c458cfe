package tangram.nn.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tangram.nn.FileFormatException;

class JsonTest {
  @TempDir Path folder;

  private Json read(String text) throws IOException {
    return Json.read(Files.writeString(folder.resolve("a.json"), text));
  }

  @Test
  void values() throws IOException {
    Json json =
        read(
            " {\"a\":[1,-2.5e1,0.5],\"b\":{\"c\":\"\\u00e9\\n\ud83e\udd8a\"},\"d\":true,\"n\":null,"
                + "\"long\":123456789012345678901, \"e\":{}, \"f\":[ ]}\n");
    assertEquals(1, json.get("a").list().get(0).integer(0));
    assertEquals(-25, json.get("a").list().get(1).number());
    assertEquals("\u00e9\n\ud83e\udd8a", json.get("b").get("c").text());
    assertTrue(json.get("d").flag());
    assertTrue(json.get("n").isNull() && json.get("none").isNull());
    assertFalse(json.has("n"));
    assertEquals(1.2345678901234568e20, json.get("long").number());
    assertEquals(7, json.integer("none", 0, 7));
    assertEquals(0, json.get("f").list().size());
    json.get("e").only();
  }

  @Test
  void whatIsElsewhereIsSaid() throws IOException {
    Json json = read("{\"a\":[{\"b\":1.5}]}");
    FileFormatException e =
        assertThrows(
            FileFormatException.class, () -> json.get("a").list().get(0).get("b").integer(0));
    assertTrue(
        e.getMessage()
            .endsWith(
                "a.json: 'a[0].b' is something else where it should be a whole number from 0"
                    + " to 2147483647."),
        e.getMessage());
    assertThrows(FileFormatException.class, () -> json.get("a").get("c"));
    assertThrows(FileFormatException.class, () -> json.get("c").text());
    assertThrows(FileFormatException.class, () -> json.only("b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "tru",
        "nulll",
        "[1] 2",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"a",
        "{a:1}",
        "'a'",
        "1e999",
        "[1 2]",
        "{\"a\" 1}",
        "\"\t\""
      })
  void whatIsNoJsonIsRefused(String text) {
    assertThrows(FileFormatException.class, () -> read(text));
  }

  @Test
  void depthIsLimited() throws IOException {
    read("[".repeat(90) + "]".repeat(90));
    assertThrows(FileFormatException.class, () -> read("[".repeat(100_000)));
    assertThrows(FileFormatException.class, () -> read("{\"a\":".repeat(100_000)));
    assertThrows(FileFormatException.class, () -> read("1".repeat(2000)));
  }
}
