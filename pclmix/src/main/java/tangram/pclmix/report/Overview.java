package tangram.pclmix.report;

import static tangram.pclmix.report.Html.count;
import static tangram.pclmix.report.Html.number;
import static tangram.tensor.Xml.escape;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tangram.pclmix.data.Labels;
import tangram.pclmix.metrics.Evaluation;
import tangram.pclmix.training.Setting;
import tangram.pclmix.training.TrainingConfig;

/** The head of the page: which run it is, how far it is, and its figures in large type. */
final class Overview {
  private final RunFiles files;
  private final boolean running;

  Overview(RunFiles files, boolean running) {
    this.files = files;
    this.running = running;
  }

  /** The name of the run, that of its folder. */
  static String name(RunFiles files) {
    Path name = files.folder().toAbsolutePath().normalize().getFileName();
    return name == null ? files.folder().toString() : name.toString();
  }

  /** How far the run is, in words. */
  String state() {
    int all = files.config().iterations();
    int step = Math.min(files.step(), all);
    if (step == all) {
      return "Finished: " + count(all) + " steps";
    }
    return (running ? "Running: step " : "Stopped at step ") + count(step) + " of " + count(all);
  }

  String html() {
    TrainingConfig config = files.config();
    int size = config.imageSize();
    StringBuilder html = new StringBuilder("<header id=\"overview\">\n");
    html.append("<h1>").append(escape(name(files))).append("</h1>\n");
    html.append("<p class=\"about\">");
    html.append(escape(config.method().summary() + " · " + data(config)));
    html.append(" · ").append(size).append("×").append(size);
    html.append(" · batch ").append(config.batch()).append(" · seed ").append(config.seed());
    html.append("</p>\n<p class=\"state ").append(kind()).append("\">");
    html.append(escape(state())).append("</p>\n");
    if (!kind().equals("finished")) {
      double done = 100.0 * files.step() / config.iterations();
      html.append("<div class=\"bar\"><div style=\"width:");
      html.append(String.format(Locale.ROOT, "%.1f", Math.min(100, done)));
      html.append("%\"></div></div>\n");
    }
    return html.append(headline()).append("</header>\n").toString();
  }

  private String kind() {
    return files.step() >= files.config().iterations()
        ? "finished"
        : running ? "running" : "stopped";
  }

  private static String data(TrainingConfig config) {
    if (config.usesPhantoms()) {
      return "generated hearts, " + config.get(Setting.PHANTOM_PATIENTS) + " patients";
    }
    return config.get(Setting.DATA) + ", patients " + config.get(Setting.TRAIN_PATIENTS);
  }

  private record Figure(String name, double dice) {}

  private String headline() {
    List<Figure> figures = new ArrayList<>();
    double hd95;
    String unit;
    if (files.scores().isPresent()) {
      Evaluation e = files.scores().get();
      figures.add(new Figure("average", e.average().dice().mean()));
      for (int label = 1; label < e.labels().count(); label++) {
        figures.add(new Figure(e.column(label).name(), e.column(label).dice().mean()));
      }
      unit = e.hasMillimetres() ? "mm" : "voxels";
      hd95 = (e.hasMillimetres() ? e.average().hd95Mm() : e.average().hd95Voxels()).mean();
    } else if (files.validations().isPresent()) {
      Table v = files.validations().get();
      int best = files.bestValidation();
      figures.add(new Figure("average", v.column("dice")[best]));
      Labels labels = files.config().labels();
      for (int label = 1; label < labels.count(); label++) {
        figures.add(new Figure(labels.name(label), v.column("dice_" + labels.key(label))[best]));
      }
      double mm = v.column("hd95_mm")[best];
      unit = Double.isNaN(mm) ? "voxels" : "mm";
      hd95 = Double.isNaN(mm) ? v.column("hd95_voxels")[best] : mm;
    } else {
      return Html.note("There is no validation yet, so there are no scores.");
    }
    StringBuilder html = new StringBuilder("<dl class=\"headline\">\n");
    for (Figure figure : figures) {
      html.append("<div><dt>Dice ").append(figure.name()).append("</dt><dd>");
      html.append(number(figure.dice(), 3)).append("</dd></div>\n");
    }
    html.append("<div><dt>HD95 average</dt><dd>").append(number(hd95, 1));
    html.append(" <small>").append(unit).append("</small></dd></div>\n</dl>\n");
    files
        .validations()
        .ifPresent(
            v ->
                html.append(
                    Html.paragraph(
                        "On the validation volumes, with the best weights: those of step "
                            + count(v.column("step")[files.bestValidation()])
                            + (v.rows() == 1
                                ? ", the only validation."
                                : ", of " + v.rows() + " validations."))));
    return html.toString();
  }
}
