package dev.everfeed.hub.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.everfeed.hub.config.Settings.Log.Format;
import dev.everfeed.hub.config.Settings.Log.Level;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  @AfterEach
  void restore() {
    System.setErr(before);
    Logging.configure(Format.TEXT, Level.INFO);
  }

  private String logged(Format format, Level level, Runnable action) {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    Logging.configure(format, level);
    action.run();
    return written.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aLineForPeopleHasTimeLevelWhereAndWhat() {
    String text = logged(Format.TEXT, Level.INFO, () -> {
      LoggerFactory.getLogger(LoggingTest.class).info("{}: circuit closed", "binance");
      LoggerFactory.getLogger(LoggingTest.class).debug("not shown");
    });

    assertThat(text)
        .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} INFO  LoggingTest +binance: circuit closed\\R");
  }

  @Test
  void aLineForCollectorsIsOneObjectOfTheElasticCommonSchema() throws IOException {
    String text = logged(
        Format.JSON,
        Level.DEBUG,
        () -> LoggerFactory.getLogger(LoggingTest.class)
            .warn("two\nlines", new IllegalStateException("why")));

    assertThat(text.lines()).hasSize(1);
    JsonNode line = new ObjectMapper().readTree(text);
    assertThat(line.get("log.level").asText().strip()).isEqualTo("WARN");
    assertThat(line.get("message").asText()).isEqualTo("two\nlines");
    assertThat(line.get("service.name").asText()).isEqualTo("everfeed");
    assertThat(line.get("error.message").asText()).isEqualTo("why");
    assertThat(line.get("@timestamp").asText()).endsWith("Z");
  }

  @Test
  void librariesStayAtTheirNewsWhenOursIsTurnedUp() {
    String text = logged(Format.TEXT, Level.DEBUG, () -> {
      LoggerFactory.getLogger("io.netty.x").debug("inner life");
      LoggerFactory.getLogger("dev.everfeed.x").debug("ours");
    });

    assertThat(text).contains("ours").doesNotContain("inner life");
  }
}
