package tangram.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArenaTest {
  private final Arena arena = new Arena(double[]::new);

  private static boolean overlap(Buffer a, Buffer b) {
    return a.storage() == b.storage()
        && a.offset() < b.offset() + b.length()
        && b.offset() < a.offset() + a.length();
  }

  @Test
  void slicesLieInsideTheirStorage() {
    for (int length : new int[] {0, 1, 15, 16, 17, 1 << 20, (1 << 20) + 1, 3 << 20}) {
      Buffer buffer = arena.allocate(length);
      assertEquals(length, buffer.length());
      assertTrue(buffer.offset() >= 0);
      assertTrue(buffer.offset() + length <= buffer.doubles().length);
    }
  }

  @Test
  void aFreedSliceIsUsedAgain() {
    Buffer first = arena.allocate(100);
    Buffer second = arena.allocate(100);
    int offset = first.offset();
    first.release();
    Buffer third = arena.allocate(100);
    assertEquals(offset, third.offset());
    assertSame(second.storage(), third.storage());
  }

  @Test
  void neighboursJoin() {
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      buffers.add(arena.allocate(1 << 18));
    }
    long reserved = arena.reserved();
    // In an order that joins to the left, to the right, and to both.
    for (int i : new int[] {0, 2, 1, 3}) {
      buffers.get(i).release();
    }
    assertEquals(0, arena.used());
    arena.allocate(1 << 20).release();
    assertEquals(reserved, arena.reserved(), "four quarters make the whole again");
  }

  @Test
  void whatIsFreeCanBeHandedOver() {
    Buffer before = arena.allocate(1 << 16);
    Buffer middle = arena.allocate(1 << 18);
    Buffer after = arena.allocate(1 << 16);
    middle.release();
    Arena other = new Arena(length -> fail("there is memory"));
    long reserved = arena.reserved();
    arena.giveFree(other);
    assertTrue(other.reserved() >= 1 << 18);
    assertEquals(reserved, arena.reserved() + other.reserved());
    Buffer given = other.allocate(1 << 18);
    assertSame(before.storage(), given.storage());
    assertFalse(overlap(given, before) || overlap(given, after));
    // What lay beside it does not join over it.
    before.release();
    after.release();
    for (int i = 0; i < 8; i++) {
      assertFalse(overlap(given, arena.allocate(1 << 16)));
    }
    given.release();
    assertEquals(0, other.used());
  }

  /** Random allocations and releases: live slices never overlap, and all memory comes back. */
  @Test
  void liveSlicesAreDisjoint() {
    CounterRandom random = new CounterRandom(1, 0, 0, 0);
    List<Buffer> live = new ArrayList<>();
    long used = 0;
    for (int step = 0; step < 3000; step++) {
      if (live.size() < 40 && random.nextInt(5) < 3) {
        Buffer buffer = arena.allocate(1 + random.nextInt(1 << (1 + random.nextInt(18))));
        for (Buffer other : live) {
          assertFalse(overlap(buffer, other), "step " + step);
        }
        live.add(buffer);
      } else if (!live.isEmpty()) {
        live.remove(random.nextInt(live.size())).release();
      }
      used = live.stream().mapToLong(b -> (b.length() + 15) / 16 * 16).sum();
      assertEquals(used, arena.used());
      assertTrue(arena.peak() >= used && arena.reserved() >= used);
    }
    live.forEach(Buffer::release);
    assertEquals(0, arena.used());
  }

  /** A training step that repeats needs no more memory at the hundredth time than at the second. */
  @Test
  void aRepeatedStepFindsItsMemory() {
    List<Integer> first = step();
    long reserved = arena.reserved();
    for (int i = 0; i < 100; i++) {
      assertEquals(first, step());
    }
    assertEquals(reserved, arena.reserved());
  }

  private List<Integer> step() {
    List<Integer> offsets = new ArrayList<>();
    List<Buffer> buffers = new ArrayList<>();
    for (int length : new int[] {1000, 50, 300000, 7, 1000, 64}) {
      Buffer buffer = arena.allocate(length);
      offsets.add(buffer.offset());
      buffers.add(buffer);
      if (buffers.size() == 3) {
        buffers.remove(1).release();
      }
    }
    buffers.forEach(Buffer::release);
    return offsets;
  }

  @Test
  void aBufferIsReleasedOnce() {
    Buffer buffer = arena.allocate(10);
    buffer.release();
    assertThrows(IllegalStateException.class, buffer::release);
    assertThrows(IllegalStateException.class, () -> buffer.slice(0, 1));
  }

  @Test
  void aSliceKeepsItsWholeAlive() {
    Buffer whole = arena.allocate(100);
    Buffer part = whole.slice(30, 20);
    assertEquals(whole.offset() + 30, part.offset());
    assertEquals(20, part.length());
    assertFalse(whole.isExclusive());
    whole.release();
    assertEquals(112, arena.used());
    Buffer partOfPart = part.slice(5, 5);
    assertEquals(whole.offset() + 35, partOfPart.offset());
    part.release();
    assertEquals(112, arena.used());
    partOfPart.release();
    assertEquals(0, arena.used());
  }
}
