package tangram.nn.json;

import static tangram.nn.FileFormatException.quote;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import tangram.nn.FileFormatException;

/**
 * A value of a JSON file that knows where it is, so that what is wrong with it can be said. Values
 * of objects are asked for by name; what has another type than asked for is refused by a sentence
 * that names file and place.
 */
public final class Json {
  /** The longest file that is read, in bytes. */
  private static final int MAX_BYTES = 200_000_000;

  private final Path file;
  private final String place;
  private final Object value;

  private Json(Path file, String place, Object value) {
    this.file = file;
    this.place = place;
    this.value = value;
  }

  /**
   * Reads a file, UTF-8 text of one value without anything behind it.
   *
   * @throws FileFormatException if there is no such file, or it is no such text, or one member of
   *     an object has the name of another
   */
  public static Json read(Path file) {
    char[] text;
    int length;
    try {
      if (!Files.isRegularFile(file)) {
        throw new FileFormatException(file + ": there is no such file; check the path.");
      }
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new FileFormatException(
            file + ": has " + size + " bytes where " + MAX_BYTES + " are the limit.");
      }
      CharBuffer decoded =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file)));
      text = decoded.array();
      length = decoded.remaining();
    } catch (CharacterCodingException e) {
      throw new FileFormatException(file + ": is not UTF-8 text; copy or download it again.", e);
    } catch (IOException e) {
      throw new FileFormatException(
          file + ": cannot be read; check the permissions and the disk.", e);
    }
    JsonReader reader =
        new JsonReader(
            text,
            length,
            (what, at) ->
                new FileFormatException(
                    file
                        + ": the JSON "
                        + what
                        + " (character "
                        + at
                        + "); copy or download it again."));
    Object value = reader.value();
    reader.end();
    return new Json(file, "", value);
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /** An exception that says what is wrong with this value, what to do included. */
  public FileFormatException error(String what) {
    return new FileFormatException(
        file + ": " + (place.isEmpty() ? "the file" : quote(place)) + " " + what + ".");
  }

  /** Whether the value is null, or was not there. */
  public boolean isNull() {
    return value == null;
  }

  /** Whether an object has a member of this name that is not null. */
  public boolean has(String name) {
    return cast(Map.class, "an object").get(name) != null;
  }

  /** A member of an object, which is {@linkplain #isNull null} if it is not there. */
  public Json get(String name) {
    return new Json(file, inner(name), cast(Map.class, "an object").get(name));
  }

  private String inner(String name) {
    return place.isEmpty() ? name : place + "." + name;
  }

  /** Refuses members of an object that are not null and have none of these names. */
  public Json only(String... names) {
    List<String> known = Arrays.asList(names);
    members(
        (name, member) -> {
          if (!member.isNull() && !known.contains(name)) {
            throw member.error("is not known to this program, so it cannot be honoured");
          }
        });
    return this;
  }

  /** Visits the members of an object. */
  public void members(BiConsumer<String, Json> visitor) {
    Map<?, ?> map = cast(Map.class, "an object");
    map.forEach(
        (name, member) ->
            visitor.accept((String) name, new Json(file, inner((String) name), member)));
  }

  /** The elements of an array. */
  public List<Json> list() {
    List<?> list = cast(List.class, "an array");
    List<Json> result = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      result.add(new Json(file, place + "[" + i + "]", list.get(i)));
    }
    return result;
  }

  /** Whether the value is a string. */
  public boolean isText() {
    return value instanceof String;
  }

  /** Whether the value is an array. */
  public boolean isList() {
    return value instanceof List;
  }

  /** A string. */
  public String text() {
    return cast(String.class, "a text");
  }

  /** A string of an object, or another value where there is none. */
  public String text(String name, String otherwise) {
    return has(name) ? get(name).text() : otherwise;
  }

  /** True or false. */
  public boolean flag() {
    return cast(Boolean.class, "true or false");
  }

  /** True or false of an object, or another value where there is none. */
  public boolean flag(String name, boolean otherwise) {
    return has(name) ? get(name).flag() : otherwise;
  }

  /** A whole number of at least {@code least} that fits an int. */
  public int integer(int least) {
    if (!(value instanceof Long) || (Long) value < least || (Long) value > Integer.MAX_VALUE) {
      throw wrong("a whole number from " + least + " to " + Integer.MAX_VALUE);
    }
    return ((Long) value).intValue();
  }

  /** A whole number of an object, or another value where there is none. */
  public int integer(String name, int least, int otherwise) {
    return has(name) ? get(name).integer(least) : otherwise;
  }

  /** A number. */
  public double number() {
    return cast(Number.class, "a number").doubleValue();
  }

  /** A number of an object, or another value where there is none. */
  public double number(String name, double otherwise) {
    return has(name) ? get(name).number() : otherwise;
  }

  private <T> T cast(Class<T> type, String expected) {
    if (!type.isInstance(value)) {
      throw wrong(expected);
    }
    return type.cast(value);
  }

  private FileFormatException wrong(String expected) {
    return error(
        (value == null ? "is missing" : "is something else") + " where it should be " + expected);
  }
}
