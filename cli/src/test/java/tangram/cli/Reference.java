package tangram.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import tangram.nn.console.Terminal;
import tangram.pclmix.training.Preset;
import tangram.pclmix.training.Setting;

/**
 * Writes {@code docs/reference.md}: commands, options, settings and exit codes as the program
 * declares them, then a text about files that is written by hand.
 */
final class Reference {
  /** What is written by hand. */
  private static final String FILES = "files.md";

  private static final Pattern DEFAULT = Pattern.compile("(.*?) ?\\(default: ([^()]*)\\)(.*)");
  private static final Pattern CELL = Pattern.compile("\\| ([^|]*) \\|.*");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private final CommandLine line;
  private final StringBuilder text = new StringBuilder();

  private Reference(CommandLine line) {
    this.line = line;
  }

  /** The whole command line, which writes nowhere. */
  static CommandLine commandLine() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return Main.commandLine(new Terminal(nowhere, nowhere, false, 80));
  }

  /** The page. */
  static String page() {
    Reference reference = new Reference(commandLine());
    reference.head();
    reference.commands();
    reference.settings();
    reference.exitCodes();
    reference.text.append('\n').append(files());
    return reference.text.toString();
  }

  /** The text that is written by hand. */
  static String files() {
    try (InputStream in = Reference.class.getResourceAsStream(FILES)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(FILES, e);
    }
  }

  /** What the text about files lists in the first columns of its tables, by heading. */
  static Map<String, List<String>> listed() {
    Map<String, List<String>> listed = new LinkedHashMap<>();
    String heading = "";
    for (String row : files().lines().toList()) {
      Matcher cell = CELL.matcher(row);
      if (row.startsWith("#")) {
        heading = row.replaceFirst("#+ ", "").replace("`", "");
      } else if (cell.matches()) {
        Matcher name = NAME.matcher(cell.group(1));
        while (name.find()) {
          listed.computeIfAbsent(heading, h -> new ArrayList<>()).add(name.group(1));
        }
      }
    }
    return listed;
  }

  private void head() {
    say("# Reference");
    say("");
    say(
        "The program writes this page, and its build checks it"
            + " ([how](../CONTRIBUTING.md#documents)).");
    say("");
  }

  private void commands() {
    say("## Commands");
    say("");
    say("All take `--help`, which shows the same, and `--version`. A command's name comes first.");
    say("");
    say("| command | |");
    say("|---|---|");
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              String first = command.getCommandSpec().usageMessage().description()[0];
              say("| [`" + name + "`](#" + name + ") | " + sentence(first) + " |");
            });
    line.getSubcommands().forEach((name, command) -> command(name, command.getCommandSpec()));
  }

  /** The first sentence, which may have full stops in names of files. */
  private static String sentence(String description) {
    Matcher end = Pattern.compile("[.:](?= |$)").matcher(description);
    return end.find() ? description.substring(0, end.start()) + "." : description;
  }

  private void command(String name, CommandSpec spec) {
    say("");
    say("### " + name);
    say("");
    say("    bin/pclmix " + name + synopsis(spec));
    say("");
    for (String paragraph : spec.usageMessage().description()) {
      wrapped(paragraph);
      say("");
    }
    List<OptionSpec> options = own(spec);
    if (!options.isEmpty() || !spec.positionalParameters().isEmpty()) {
      say("| option | | default |");
      say("|---|---|---|");
      for (PositionalParamSpec p : spec.positionalParameters()) {
        String dots = p.arity().max() > 1 ? "..." : "";
        row(p.paramLabel() + dots, p.description(), "required");
      }
      for (OptionSpec option : options) {
        boolean flag = option.arity().max() == 0;
        row(
            option.longestName() + (flag ? "" : " " + option.paramLabel()),
            option.description(),
            option.required() ? "required" : flag ? "off" : "–");
      }
    }
    // Settings are in groups, and nothing else is.
    if (!spec.argGroups().isEmpty()) {
      List<String> without =
          Arrays.stream(Setting.values())
              .map(SettingOptions::name)
              .filter(option -> spec.findOption(option) == null)
              .toList();
      say("");
      wrapped(
          "Every [setting](#settings) is an option too"
              + (without.isEmpty()
                  ? "."
                  : ", but for "
                      + without.stream().map(o -> "`" + o + "`").collect(Collectors.joining(", "))
                      + "."));
    }
  }

  private static String synopsis(CommandSpec spec) {
    StringBuilder text = new StringBuilder();
    List<OptionSpec> options = own(spec);
    options.stream()
        .filter(OptionSpec::required)
        .forEach(o -> text.append(' ').append(o.longestName()).append(' ').append(o.paramLabel()));
    if (options.stream().anyMatch(o -> !o.required())) {
      text.append(" [OPTION...]");
    }
    for (PositionalParamSpec p : spec.positionalParameters()) {
      text.append(' ').append(p.paramLabel()).append(p.arity().max() > 1 ? "..." : "");
    }
    return text.toString();
  }

  /** The options of a command that are no settings, not hidden and not common to all. */
  private static List<OptionSpec> own(CommandSpec spec) {
    return spec.options().stream()
        .filter(o -> !o.hidden() && !o.usageHelp() && !o.versionHelp())
        .filter(o -> o.group() == null)
        .toList();
  }

  private void row(String name, String[] description, String otherwise) {
    String all = String.join(" ", description);
    Matcher parts = DEFAULT.matcher(all);
    String meaning = parts.matches() ? parts.group(1) + parts.group(3) : all;
    String value = parts.matches() ? parts.group(2) : otherwise;
    say("| `" + cell(name) + "` | " + cell(meaning) + " | " + cell(value) + " |");
  }

  private void settings() {
    say("");
    say("## Settings");
    say("");
    wrapped(
        "What a run is made of. A preset sets all of them, an option changes one, and the run's"
            + " `config.properties` holds them by the same names. Those that name methods have an"
            + " effect on these alone and are refused with another.");
    say("");
    say("| option | | " + presets(Preset::key) + " |");
    say("|---|---|" + "---|".repeat(Preset.values().length));
    CommandSpec train = line.getSubcommands().get("train").getCommandSpec();
    for (Setting setting : Setting.values()) {
      String option = SettingOptions.name(setting);
      String label = train.findOption(option).paramLabel();
      say(
          String.format(
              "| `%s %s` | %s%s | %s |",
              option,
              cell(label),
              cell(setting.description()),
              setting.methods().isEmpty() ? "" : " (" + String.join(", ", setting.methods()) + ")",
              presets(setting::in)));
    }
  }

  private interface Value {
    String in(Preset preset);
  }

  private static String presets(Value value) {
    return Arrays.stream(Preset.values()).map(value::in).collect(Collectors.joining(" | "));
  }

  private void exitCodes() {
    say("");
    say("## Exit codes");
    say("");
    say("| code | |");
    say("|---|---|");
    line.getCommandSpec()
        .usageMessage()
        .exitCodeList()
        .forEach((code, meaning) -> say("| " + code.strip() + " | " + meaning + " |"));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  private void say(String row) {
    text.append(row).append('\n');
  }

  private void wrapped(String paragraph) {
    StringBuilder row = new StringBuilder();
    for (String word : paragraph.split(" ")) {
      if (row.length() + word.length() >= 110) {
        say(row.toString());
        row.setLength(0);
      }
      row.append(row.isEmpty() ? "" : " ").append(word);
    }
    say(row.toString());
  }
}
