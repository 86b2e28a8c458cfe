package tangram.examples;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import tangram.nn.Init;
import tangram.nn.Linear;
import tangram.nn.Loss;
import tangram.nn.Sgd;
import tangram.tensor.Device;
import tangram.tensor.Devices;
import tangram.tensor.Scope;
import tangram.tensor.Tensor;

/** Predicts the last column of a CSV file from the others: {@code LinearRegression FILE.csv}. */
public final class LinearRegression {
  private LinearRegression() {}

  /** Reads a table with a header, fits it, and prints what it found. */
  public static void main(String[] args) throws IOException {
    Linear line = fit(Path.of(args[0]), Devices.get("vector"));
    line.parameters().forEach((name, values) -> System.out.println(name + " " + values));
  }

  static Linear fit(Path file, Device device) throws IOException {
    Tensor table = read(file, device);
    int features = table.dim(1) - 1;
    Tensor x = table.narrow(1, 0, features);
    Tensor y = table.narrow(1, features, 1);

    Linear line = new Linear(new Init(device, 0), features, 1);
    Sgd sgd = new Sgd(line.parameters(), 0.1).momentum(0.9);
    for (int step = 0; step < 500; step++) {
      sgd.zeroGrad();
      try (Scope scope = Scope.open()) {
        Loss.mse(line.forward(x), y).backward();
      }
      sgd.step();
    }
    return line;
  }

  private static Tensor read(Path file, Device device) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (Reader reader = Files.newBufferedReader(file)) {
      List<CSVRecord> rows = format.parse(reader).getRecords();
      double[] numbers =
          rows.stream().flatMap(CSVRecord::stream).mapToDouble(Double::parseDouble).toArray();
      return device.tensor(numbers, rows.size(), numbers.length / rows.size());
    }
  }
}
