package tangram.tornado;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.Replay;

/**
 * Repeats recorded kernels: the first run is done as it comes, so that everything that is made once
 * is there; the second is recorded; later ones are replayed.
 */
final class TornadoReplay extends Replay {
  private final TornadoDevice device;
  private final String what;
  private final List<Program> programs = new ArrayList<>();
  private int run;
  private int section;

  TornadoReplay(TornadoDevice device, String what) {
    this.device = device;
    this.what = what;
  }

  @Override
  public void begin() {
    run++;
    section = 0;
  }

  @Override
  public void section(Runnable body) {
    int number = section++;
    if (run == 1) {
      body.run();
    } else if (run == 2) {
      device.startRecording();
      List<Launch> launches;
      try {
        body.run();
      } finally {
        launches = device.stopRecording();
      }
      programs.add(new Program(what + number, launches));
    } else {
      replay(number);
    }
  }

  private void replay(int number) {
    if (number >= programs.size()) {
      throw new IllegalStateException(
          what + " was recorded with " + programs.size() + " sections; this is a further one");
    }
    if (number == 0 && run == 3) {
      for (Program p : programs) {
        device.engine().add(p);
      }
      for (Program p : programs) {
        device.engine().compile(p, device.progress());
      }
    }
    device.engine().replay(programs.get(number));
  }
}
