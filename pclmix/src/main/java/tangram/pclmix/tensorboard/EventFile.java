package tangram.pclmix.tensorboard;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tangram.nn.FileWriteException;
import tangram.pclmix.data.VisibleFiles;
import tangram.pclmix.tensorboard.EventProto.Event;
import tangram.pclmix.tensorboard.EventProto.SessionLog;
import tangram.pclmix.tensorboard.EventProto.Summary;

/**
 * Writes scalars and pictures to a new event file. TensorBoard reads all event files of a folder in
 * the order of their names and takes them for one run; each begins at a step, and what earlier
 * files hold of that step and later ones no longer counts.
 *
 * <p>Records are buffered: {@link #flush} hands them on. A file whose program was killed can end
 * within a record, which TensorBoard passes over.
 */
public final class EventFile implements AutoCloseable {
  private static final String PREFIX = "events.out.tfevents.";
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{1,12})\\..*");

  /** The code for colours of red, green and blue. */
  private static final int RGB = 3;

  private final Path file;
  private final RecordStream out;

  private EventFile(Path file, RecordStream out) {
    this.file = file;
    this.out = out;
  }

  /**
   * Begins a file, whose name sorts after those there.
   *
   * @param folder made where missing
   * @param step the first step that will be written
   * @throws FileWriteException if it cannot be written
   */
  public static EventFile create(Path folder, long step) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw failed(folder, e);
    }
    Path file = folder.resolve(name(folder));
    try {
      EventFile events =
          new EventFile(
              file, new RecordStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)));
      events.write(event(0).setFileVersion("brain.Event:2"));
      events.write(
          event(step)
              .setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
      return events;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Where it is written. */
  public Path path() {
    return file;
  }

  /**
   * Adds a value to a curve; one that is not finite has no place on it and is left out.
   *
   * @param tag the curve's name, {@code group/name}
   * @throws FileWriteException if it cannot be written
   */
  public void scalar(String tag, long step, double value) {
    if (Double.isFinite(value)) {
      write(step, Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
    }
  }

  /**
   * Adds a picture.
   *
   * @param tag the row of pictures it belongs to, {@code group/name}
   * @param png the contents of a PNG file
   * @param width its pixels across
   * @param height its pixels down
   * @throws FileWriteException if it cannot be written
   */
  public void image(String tag, long step, byte[] png, int width, int height) {
    Summary.Image image =
        Summary.Image.newBuilder()
            .setHeight(height)
            .setWidth(width)
            .setColorspace(RGB)
            .setEncodedImageString(ByteString.copyFrom(png))
            .build();
    write(step, Summary.Value.newBuilder().setTag(tag).setImage(image));
  }

  /**
   * Hands all records to the system.
   *
   * @throws FileWriteException if they cannot be written
   */
  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /**
   * Ends the file.
   *
   * @throws FileWriteException if the last records cannot be written
   */
  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private void write(long step, Summary.Value.Builder value) {
    write(event(step).setSummary(Summary.newBuilder().addValue(value)));
  }

  private void write(Event.Builder event) {
    try {
      out.write(event.build().toByteArray());
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static FileWriteException failed(Path file, IOException e) {
    return new FileWriteException(
        file + ": cannot be written (" + e.getMessage() + "); free some space and use --resume.",
        e);
  }

  private static Event.Builder event(long step) {
    return Event.newBuilder().setWallTime(System.currentTimeMillis() * 1e-3).setStep(step);
  }

  /** With a time that is later than every other in the folder, even if the clock was set back. */
  private static String name(Path folder) {
    long time = System.currentTimeMillis() / 1000;
    for (Path other : VisibleFiles.in(folder)) {
      Matcher matcher = NAME.matcher(other.getFileName().toString());
      if (matcher.matches()) {
        time = Math.max(time, Long.parseLong(matcher.group(1)) + 1);
      }
    }
    return PREFIX + time + "." + host() + "." + ProcessHandle.current().pid() + ".pclmix";
  }

  private static String host() {
    try {
      String host = InetAddress.getLocalHost().getHostName();
      return host.replaceAll("[^A-Za-z0-9.-]", "-");
    } catch (UnknownHostException e) {
      // The name is only to tell machines apart.
      return "localhost";
    }
  }
}
