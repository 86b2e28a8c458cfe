package tangram.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import picocli.CommandLine;

/**
 * Standard output, which remembers that it could not be written: Java's own forgets why. The
 * command continues, since a training is worth more than its lines; the loss is reported at its
 * end.
 */
final class StandardOutput extends OutputStream {
  private final OutputStream stream;
  private IOException failure;

  StandardOutput() {
    this(new FileOutputStream(FileDescriptor.out));
  }

  /** Writes to another stream. */
  StandardOutput(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    if (failure == null) {
      try {
        stream.write(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
      }
    }
  }

  /**
   * The exit code of a command, which is a failure too if its output was lost.
   *
   * @param line tells of it on standard error, unless the reader has just gone away, as 'head' does
   */
  synchronized int code(int code, CommandLine line) {
    if (failure == null || code != 0) {
      return code;
    }
    String reason = String.valueOf(failure.getMessage());
    // The system's words are those of the locale, but most have this one.
    if (!reason.toLowerCase(Locale.ROOT).contains("pipe")) {
      line.getErr()
          .println(
              line.getCommandName()
                  + ": standard output cannot be written ("
                  + reason
                  + "), so what the command printed is lost; its files are complete.");
    }
    return Program.FAILED;
  }
}
