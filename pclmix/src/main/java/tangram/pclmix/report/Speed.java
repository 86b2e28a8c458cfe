package tangram.pclmix.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** How long the training took, and on what. */
final class Speed {
  private static final String[][] MACHINE = {
    {"device-description", "Device"},
    {"processors", "Processors"},
    {"system", "System"},
    {"java", "Java"},
    {"program", "Program"},
    {"started", "Started"}
  };

  private Speed() {}

  static String html(RunFiles files) {
    List<List<String>> rows = new ArrayList<>();
    files
        .metrics()
        .ifPresent(
            t -> {
              double[] seconds = t.column("seconds");
              double median = median(seconds);
              rows.add(List.of("A step, median", Html.duration(median)));
              if (median > 0) {
                double rate = files.config().batch() / median;
                rows.add(List.of("Slices a second", Html.number(rate, rate < 10 ? 2 : 1)));
              }
              rows.add(
                  List.of(
                      "Training, " + Html.count(t.rows()) + " steps",
                      Html.duration(Arrays.stream(seconds).sum())));
            });
    files
        .validations()
        .ifPresent(
            t ->
                rows.add(
                    List.of(
                        "Validation, " + t.rows() + (t.rows() == 1 ? " time" : " times"),
                        Html.duration(Arrays.stream(t.column("seconds")).sum()))));
    StringBuilder html = new StringBuilder(files.notes("speed"));
    html.append("<div class=\"beside\">\n<div>");
    html.append(
        rows.isEmpty()
            ? Html.note("No step has been done yet.")
            : Html.scrolling(Html.table("facts", List.of(), rows)));
    html.append("</div>\n<div>").append(machine(files.sessions())).append("</div>\n</div>\n");
    return Html.section("speed", "Speed and machine", html.toString());
  }

  private static String machine(List<Map<String, String>> sessions) {
    if (sessions.isEmpty()) {
      return Html.note("The folder does not tell what the run was computed with.");
    }
    Map<String, String> last = sessions.get(sessions.size() - 1);
    List<List<String>> rows = new ArrayList<>();
    for (String[] fact : MACHINE) {
      if (last.containsKey(fact[0])) {
        rows.add(List.of(fact[1], value(last, fact[0])));
      }
    }
    String html = Html.scrolling(Html.table("facts", List.of(), rows));
    if (sessions.size() > 1) {
      List<List<String>> starts = new ArrayList<>();
      for (Map<String, String> session : sessions) {
        starts.add(
            List.of(
                value(session, "started"),
                value(session, "after-step"),
                value(session, "device-description")));
      }
      html +=
          "<details><summary>Continued "
              + (sessions.size() == 2 ? "once" : sessions.size() - 1 + " times")
              + "</summary>\n"
              + Html.scrolling(Html.table("facts", List.of("started", "after step", "on"), starts))
              + "</details>\n";
    }
    return html;
  }

  /** What a session tells, as people read it. */
  private static String value(Map<String, String> session, String key) {
    String text = session.getOrDefault(key, "–");
    switch (key) {
      case "started":
        return text.replace('T', ' ');
      case "device-description":
        return session.containsKey("device") ? session.get("device") + ": " + text : text;
      default:
        return text;
    }
  }

  /** The median; NaN of nothing. */
  static double median(double[] values) {
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
