package dev.everfeed.hub.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.engine.FailoverPolicy;
import dev.everfeed.hub.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandingBookTest {

  private static StandingBook open(Path folder) {
    return new StandingBook(
        StreamPlan.of(Settings.defaults()), _ -> FailoverPolicy.IMMEDIATE, new HubClock(), folder);
  }

  @Test
  void whatCouldNotBeWrittenIsToldUntilItIs(@TempDir Path folder) throws Exception {
    StandingBook book = open(folder);
    Path inTheWay = Files.createDirectory(folder.resolve("standing-orders.json.new"));
    book.freeze("noon", _ -> {});

    assertThat(book.keep(book.shown()).durable()).isFalse();
    assertThat(book.shown().durable()).isFalse();
    assertThat(book.shown().remark()).contains("cannot be written");
    assertThat(book.isUnkept()).isTrue();

    Files.delete(inTheWay);
    assertThat(book.keep(book.shown()).frozen()).isNotNull();
    assertThat(book.isUnkept()).isFalse();
    assertThat(book.shown().durable()).isTrue();
    assertThat(book.shown().remark()).isNull();
    assertThat(open(folder).shown().frozen()).isNotNull();
  }
}
