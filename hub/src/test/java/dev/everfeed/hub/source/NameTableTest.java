package dev.everfeed.hub.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class NameTableTest {
  @Test
  void everyNameIsFoundAndNoOther() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      names.add(Integer.toString(i * 7, 36).toUpperCase(Locale.ROOT) + "USDT");
    }
    NameTable table = new NameTable(names);

    assertThat(table.size()).isEqualTo(5_000);
    for (int i = 0; i < names.size(); i++) {
      assertThat(find(table, names.get(i))).isEqualTo(i);
      assertThat(find(table, names.get(i) + "X")).isEqualTo(NameTable.NONE);
      assertThat(find(table, names.get(i).substring(1))).isLessThan(i + 1);
    }
  }

  /// `Aa` and `BB` have one hash in Java's way of reckoning, and so here.
  @Test
  void namesOfOneHashAreToldApart() {
    NameTable table = new NameTable(List.of("AaAa", "AaBB", "BBAa", "BBBB"));

    assertThat(find(table, "AaAa")).isZero();
    assertThat(find(table, "AaBB")).isEqualTo(1);
    assertThat(find(table, "BBAa")).isEqualTo(2);
    assertThat(find(table, "BBBB")).isEqualTo(3);
    assertThat(find(table, "BBB")).isEqualTo(NameTable.NONE);
  }

  @Test
  void anEmptyTableFindsNothing() {
    NameTable table = new NameTable(List.of());

    assertThat(find(table, "")).isEqualTo(NameTable.NONE);
    assertThat(find(table, "BTCUSDT")).isEqualTo(NameTable.NONE);
  }

  @Test
  void aNameIsThereOnce() {
    assertThatThrownBy(() -> new NameTable(List.of("a", "b", "a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"a\"");
  }

  private static int find(NameTable table, String name) {
    byte[] bytes = ("--" + name + "--").getBytes(StandardCharsets.UTF_8);
    return table.find(bytes, 2, bytes.length - 2);
  }
}
