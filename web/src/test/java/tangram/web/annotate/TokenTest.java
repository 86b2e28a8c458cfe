package tangram.web.annotate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("annotate/token");
  }

  @Test
  void staysTheSameInAFileOfItsOwner() throws IOException {
    String token = Token.of(folder);
    assertEquals(43, token.length());
    assertEquals(token, Token.of(folder));
    assertEquals(token, Files.readString(file()));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
  }

  @Test
  void whatOthersMayHaveReadOrWrittenIsReplaced() throws IOException {
    String token = Token.of(folder);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
    String second = Token.of(folder);
    assertNotEquals(token, second);
    assertEquals(second, Token.of(folder));
    // A link, and what is no key.
    Path elsewhere = Files.move(file(), folder.resolve("elsewhere"));
    Files.createSymbolicLink(file(), elsewhere);
    assertNotEquals(second, Token.of(folder));
    assertEquals(second, Files.readString(elsewhere));
    Files.writeString(file(), "guess");
    assertEquals(43, Token.of(folder).length());
  }

  @Test
  void aFolderThatIsNoneStaysSo() {
    Path none = folder.resolve("none");
    assertNotEquals(Token.of(none), Token.of(none));
    assertFalse(Files.exists(none));
  }
}
