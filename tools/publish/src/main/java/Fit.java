import tangram.nn.*;
import tangram.nn.data.*;
import tangram.nn.model.Mlp;
import tangram.nn.training.Trainer;
import tangram.tensor.*;

public class Fit {
  public static void main(String[] args) {
    Device device = Devices.get("vector");
    Tensor x = device.linspace(-1, 1, 256).unsqueeze(1);
    Dataset data = Dataset.of(x, x.mul(3).sin());
    Mlp model = new Mlp(new Init(device, 0), Tensor::tanh, 1, 32, 1);
    DataLoader loader = new DataLoader(data, 32).shuffle(0);
    Trainer.Result result =
        new Trainer(model, new Adam(model.parameters(), 0.01), loader)
            .loss(batch -> model.forward(batch[0]).sub(batch[1]).square().mean())
            .run(1000);
    System.out.println(result);
  }
}
