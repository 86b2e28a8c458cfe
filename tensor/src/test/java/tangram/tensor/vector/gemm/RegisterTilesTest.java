package tangram.tensor.vector.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegisterTilesTest {
  @Test
  void theFilesAreWhatTheGeneratorWrites() throws IOException {
    for (Map.Entry<String, String> file : RegisterTiles.files().entrySet()) {
      assertEquals(
          file.getValue(),
          Files.readString(RegisterTiles.FOLDER.resolve(file.getKey())),
          file.getKey() + " differs: run RegisterTiles in the module's folder");
    }
  }
}
