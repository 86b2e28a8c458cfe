package tangram.pclmix.report;

import static tangram.tensor.Xml.escape;

import java.util.Arrays;
import java.util.Comparator;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** All settings of the run; those that differ from the nearest preset are marked. */
final class Settings {
  private Settings() {}

  static String html(RunFiles files) {
    TrainingConfig config = files.config();
    String method = config.method().key();
    Preset preset = nearest(config);
    StringBuilder html = new StringBuilder();
    long changed = changed(config, preset);
    html.append(
        Html.paragraph(
            "The preset nearest to these settings is '"
                + preset.key()
                + "'; "
                + (changed == 0
                    ? "nothing differs from it."
                    : changed == 1
                        ? "one that differs from it is marked."
                        : changed + " that differ from it are marked.")
                + (Arrays.stream(Setting.values()).allMatch(setting -> setting.hasEffect(method))
                    ? ""
                    : " Faint ones have no effect on this method.")));
    StringBuilder table =
        new StringBuilder("<table class=\"settings\">\n<thead><tr><th scope=\"col\">setting</th>");
    table.append(
        "<th scope=\"col\">value</th><th scope=\"col\">meaning</th></tr></thead>\n<tbody>\n");
    for (Setting setting : Setting.values()) {
      boolean differs = !config.get(setting).equals(setting.in(preset));
      boolean used = setting.hasEffect(method);
      table.append(!used ? "<tr class=\"unused\">" : differs ? "<tr class=\"changed\">" : "<tr>");
      table.append("<th scope=\"row\">").append(escape(setting.key())).append("</th><td>");
      table.append(escape(config.get(setting)));
      if (differs) {
        table.append(" <small>instead of ").append(escape(setting.in(preset))).append("</small>");
      }
      table.append("</td><td>").append(escape(setting.description())).append("</td></tr>\n");
    }
    html.append(Html.scrolling(table.append("</tbody></table>").toString()));
    return Html.section("settings", "Settings", html.toString());
  }

  private static Preset nearest(TrainingConfig config) {
    return Arrays.stream(Preset.values())
        .min(Comparator.comparingLong(preset -> changed(config, preset)))
        .orElseThrow();
  }

  private static long changed(TrainingConfig config, Preset preset) {
    return Arrays.stream(Setting.values())
        .filter(setting -> !config.get(setting).equals(setting.in(preset)))
        .count();
  }
}
