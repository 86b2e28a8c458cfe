package tangram.pclmix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tangram.nn.FileFormatException;

class LabelsTest {
  private static final String KIDNEY = "background=#009E73,kidney=#0072B2,cyst (1)=#D55E00";

  @TempDir private Path folder;

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("classes.csv"), List.of(lines));
  }

  @Test
  void theHeartIsAsItWas() {
    assertEquals("0 background, 1 RV, 2 Myo, 3 LV", Labels.HEART.text());
    assertEquals(4, Labels.HEART.count());
    assertEquals(4, Labels.HEART.unlabelled());
    assertEquals(0xE69F00, Labels.HEART.colour(1));
    assertEquals("heart", Labels.HEART.format());
    assertSame(Labels.HEART, Labels.of("heart"));
    assertEquals("myo", Labels.HEART.key(2));
    assertEquals(
        "heart", Labels.parse("background=#009e73,RV=#E69F00,Myo=#56B4E9,LV=#CC79A7").format());
  }

  @Test
  void aFileAndTheFormOfASettingSayTheSame() throws IOException {
    Labels read =
        Labels.of(
            file(
                    "id,name,colour",
                    "0,background,#009E73",
                    "1,kidney,#0072B2",
                    "2, cyst (1) ,#d55e00")
                .toString());
    assertEquals(KIDNEY, read.format());
    assertEquals(read, Labels.of(KIDNEY));
    assertEquals(List.of("kidney", "cyst (1)"), read.foreground());
    assertEquals("cyst__1_", read.key(2));
    assertEquals(OptionalInt.of(2), read.find("cyst (1)"));
    assertEquals(OptionalInt.empty(), read.find("LV"));
    assertEquals(3, read.unlabelled());
    assertEquals(3, read.unlabelledInFiles());
  }

  @Test
  void unlabelledPixelsMayHaveAnotherNumberInFiles() throws IOException {
    Labels read =
        Labels.read(
            file("name,id,colour", "background,0,#000000", "spleen,1,#ff0000", "unlabelled,255,"));
    assertEquals("background=#000000,spleen=#FF0000,unlabelled=255", read.format());
    assertEquals(read, Labels.parse(read.format()));
    assertEquals(2, read.unlabelled());
    assertEquals(2, read.ofFile(255, true));
    assertEquals(-1, read.ofFile(255, false));
    assertEquals(-1, read.ofFile(2, true));
    assertEquals(1, read.ofFile(1, false));
    assertEquals("0..1 and 255 for unlabelled", read.fileNumbers(true));
  }

  private void refused(String words, String... lines) throws IOException {
    Path file = file(lines);
    String message = assertThrows(FileFormatException.class, () -> Labels.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": ") && message.contains(words), message);
  }

  @Test
  void whatIsNoTableIsToldInASentence() throws IOException {
    String head = "id,name,colour";
    String ground = "0,background,#000000";
    refused("no column 'colour'", "id,name", "0,background");
    refused("2 to 64 classes", head, ground);
    refused(
        "two classes have one name, 'a b' and 'A-B'",
        head,
        ground,
        "1,a b,#111111",
        "2,A-B,#222222");
    refused("the colour of 'RV' must be six hexadecimal digits", head, ground, "1,RV,purple");
    refused("class 1 must come where class 2 does", head, ground, "2,RV,#111111");
    refused("'<b>' is no name", head, ground, "1,<b>,#111111");
    refused("no class can have the name 'Average'", head, ground, "1,Average,#111111");
    refused("must be from 2 to 255, not 1", head, ground, "1,RV,#111111", "1,unlabelled,");
    refused("line 3 is not an id", head, ground, "one,RV,#111111");
    assertThrows(FileFormatException.class, () -> Labels.of("absent.csv"));
    assertThrows(IllegalArgumentException.class, () -> Labels.parse("background"));
    assertThrows(IllegalArgumentException.class, () -> Labels.of("background=#000000,a=#1"));
  }
}
