package tangram.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which addresses processes listen on, as Linux tells. */
final class Listeners {
  private static final String LISTEN = "0A";

  /** An IPv4 address within IPv6, four bytes from the last word. */
  private static final String MAPPED = "0000000000000000FFFF0000";

  private Listeners() {}

  /** Address and port of each listener of a process and its descendants, in hexadecimal. */
  static Set<String> of(ProcessHandle process) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (ProcessHandle each : Stream.concat(Stream.of(process), process.descendants()).toList()) {
      try (Stream<Path> files = Files.list(Path.of("/proc/" + each.pid() + "/fd"))) {
        for (Path file : files.toList()) {
          try {
            inodes.add(Files.readSymbolicLink(file).toString());
          } catch (IOException e) {
            // Closed meanwhile.
            continue;
          }
        }
      }
    }
    Set<String> listeners = new TreeSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] cells = line.strip().split("\\s+");
        if (cells[3].equals(LISTEN) && inodes.contains("socket:[" + cells[9] + "]")) {
          listeners.add(cells[1]);
        }
      }
    }
    return listeners;
  }

  /** Whether a listener is on the loopback address. */
  static boolean isLoopback(String listener) {
    String address = listener.substring(0, listener.indexOf(':'));
    return address.equals("0100007F")
        || address.equals(MAPPED + "0100007F")
        || address.equals("00000000000000000000000001000000");
  }
}
