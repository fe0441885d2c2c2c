package dev.everfeed.hub.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import co.elastic.logging.logback.EcsEncoder;
import dev.everfeed.hub.config.Settings;
import org.slf4j.LoggerFactory;

/// Sets up the process's log: lines for people, or one JSON object a line in the Elastic Common
/// Schema. Both go to standard error, so that standard output stays with the commands.
public final class Logging {
  /// Time in UTC, level, the class's short name, the message. A terminal of 100 columns shows
  /// it.
  private static final String LINE =
      "%d{HH:mm:ss.SSS,UTC} %-5level %-18logger{0} %msg%n%rootException{12}";

  private Logging() {}

  /// May be called again to change either; loses nothing that was logged before.
  public static void configure(Settings.Log.Format format, Settings.Log.Level level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    EncoderBase<ILoggingEvent> encoder = switch (format) {
      case TEXT -> {
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setPattern(LINE);
        yield lines;
      }
      case JSON -> {
        EcsEncoder json = new EcsEncoder();
        json.setServiceName("everfeed");
        json.setStackTraceAsArray(false);
        yield json;
      }
    };
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("console");
    console.setTarget("System.err");
    console.setEncoder(encoder);
    console.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.valueOf(level.name()));
    root.addAppender(console);
    // These libraries tell of every step and of every broken connection; the store says what
    // matters of it.
    for (String chatty : new String[] {"org.flywaydb", "com.zaxxer.hikari"}) {
      context.getLogger(chatty).setLevel(Level.ERROR);
    }
    // Of a database that has gone it writes pages; its jobs tell of their failures themselves.
    context.getLogger("com.github.kagkarlsson").setLevel(Level.OFF);
    // These libraries tell their own inner life at debug; nobody asked for that with ours.
    for (String noisy : new String[] {"io.netty", "io.vertx", "com.cronutils"}) {
      Level own = Level.valueOf(level.name());
      context.getLogger(noisy).setLevel(own.isGreaterOrEqual(Level.INFO) ? own : Level.INFO);
    }
  }
}
