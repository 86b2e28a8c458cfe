package tangram.tornado;

import java.util.ArrayList;
import java.util.List;
import tangram.tensor.Replay;

/**
 * Repeats recorded kernels: the first run is done as it comes, so that everything that is made once
 * is there; the second is recorded; later ones are replayed. Where other work of the device is
 * still to be recorded, some more runs are recorded anew instead, since all that is replayed is
 * compiled together.
 */
final class TornadoReplay extends Replay {
  /** Runs that are recorded at most. */
  private static final int MOST_RECORDED = 8;

  private final TornadoDevice device;
  private final String what;
  private final List<Program> programs = new ArrayList<>();
  private int run;
  private int section;

  /** Sections of the first run. */
  private int sections;

  private boolean replaying;

  TornadoReplay(TornadoDevice device, String what) {
    this.device = device;
    this.what = what;
  }

  @Override
  public void begin() {
    run++;
    if (run == 2) {
      sections = section;
    }
    section = 0;
    replaying |= run > 1 + MOST_RECORDED || run > 2 && device.allAreRecorded();
  }

  /** Whether it need not be waited for. */
  boolean isRecorded() {
    return run == 0 || run > 2 || run == 2 && section == sections;
  }

  @Override
  public void section(Runnable body) {
    int number = section++;
    if (run == 1) {
      body.run();
    } else if (replaying) {
      if (number >= programs.size()) {
        throw new IllegalStateException(
            what + " was recorded with " + programs.size() + " sections; this is a further one");
      }
      device.engine().replay(programs.get(number), device.progress());
    } else {
      record(number, body);
    }
  }

  private void record(int number, Runnable body) {
    device.startRecording();
    List<Launch> launches;
    try {
      body.run();
    } finally {
      launches = device.stopRecording();
    }
    Program program = new Program(what + number, launches);
    if (number < programs.size()) {
      device.engine().remove(programs.set(number, program));
    } else {
      programs.add(program);
    }
    device.engine().add(program);
  }
}
