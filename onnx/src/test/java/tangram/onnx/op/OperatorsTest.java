package tangram.onnx.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class OperatorsTest {
  /** docs/onnx.md lists the operators that are refused, with the reason, and no others. */
  @Test
  void refusedOperatorsAreListed() throws IOException {
    Map<String, String> listed = new TreeMap<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `([\\w.]+)` \\| (.*) \\|$")
            .matcher(Files.readString(Path.of("../docs/onnx.md")));
    while (row.find()) {
      listed.put(row.group(1), row.group(2));
    }
    listed.remove("adam_multiple");
    assertEquals(Operators.refused(), listed);
    assertTrue(Operators.supported().size() > 200);
  }

  /** The table is what its script writes: operators with their versions, inputs and attributes. */
  @Test
  void signatures() {
    Signature add = Signature.ALL.get("Add");
    assertEquals(0, add.version(0));
    assertEquals(7, add.version(12));
    assertEquals(14, add.version(28));
    assertEquals(2, add.fewest());
    assertEquals(2, add.most());
    assertEquals("B", add.input(1));
    Signature clip = Signature.ALL.get("Clip");
    assertEquals(1, clip.fewest());
    assertEquals(3, clip.most());
    assertEquals(Integer.MAX_VALUE, Signature.ALL.get("Concat").most());
    assertTrue(Signature.ALL.get("Upsample").ended());
    assertEquals(1, Signature.latest("ai.onnx.preview.training"));
  }
}
