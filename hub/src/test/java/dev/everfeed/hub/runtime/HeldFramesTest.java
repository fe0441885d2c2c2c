package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldFramesTest {
  private final HeldFrames held = new HeldFrames();

  @Test
  void messagesComeBackInOrderWithTheirTimesThoughTheirBytesWereReused() {
    byte[] reused = new byte[4];
    for (byte i = 0; i < 3; i++) {
      reused[0] = i;
      held.add(reused, i + 1, 100 + i);
    }
    assertThat(back()).containsExactly("0/1 at 100", "1/2 at 101", "2/3 at 102");
  }

  @Test
  void theOldestGoFirstWhenThereIsTooMuch() {
    byte[] large = new byte[HeldFrames.BYTES_MAX / 4 - HeldFrames.OVERHEAD];
    for (byte i = 0; i < 6; i++) {
      large[0] = i;
      held.add(large, large.length, i);
    }
    assertThat(back()).hasSize(4).first().asString().startsWith("2/");
  }

  private List<String> back() {
    List<String> back = new ArrayList<>();
    held.forEach((bytes, length, nanos) -> back.add(bytes[0] + "/" + length + " at " + nanos));
    return back;
  }
}
