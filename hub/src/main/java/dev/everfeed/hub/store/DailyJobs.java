package dev.everfeed.hub.store;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import dev.everfeed.hub.journal.Entry;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is to be done once a day, by one hub of all that use the database: old rows are deleted
/// at 03:10 UTC, and the rest is looked over at 03:40. A day that was missed is made up for.
///
/// What came of it is an event of type `retention_done` or `store_checked`. db-scheduler keeps
/// the plan in `scheduled_tasks`; its threads end with [#close].
public final class DailyJobs implements AutoCloseable {
  static final String RETENTION = "retention";
  static final String CHECK = "check";

  private static final Logger LOG = LoggerFactory.getLogger(DailyJobs.class);
  private static final LocalTime RETENTION_AT = LocalTime.of(3, 10);
  private static final LocalTime CHECK_AT = LocalTime.of(3, 40);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  private final Scheduler scheduler;

  private DailyJobs(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /// @param keepTrades  older trades are deleted
  /// @param keepRecords older runs, events, revisions and quarantined rows are deleted
  /// @param told        gets an event after each job
  public static DailyJobs start(
      DataSource database,
      Duration keepTrades,
      Duration keepRecords,
      Consumer<Entry.Happened> told,
      InstantSource wall) {
    Housekeeping house = new Housekeeping(database);
    RecurringTask<Void> retention = Tasks.recurring(
            RETENTION, Schedules.daily(ZoneOffset.UTC, RETENTION_AT))
        .execute((_, _) -> tell(
            "retention_done",
            () -> house.deleteOld(
                wall.instant().minus(keepTrades), wall.instant().minus(keepRecords)),
            told,
            wall));
    RecurringTask<Void> check = Tasks.recurring(CHECK, Schedules.daily(ZoneOffset.UTC, CHECK_AT))
        .execute((_, _) -> tell("store_checked", house::lookOver, told, wall));
    Scheduler scheduler = Scheduler.create(database)
        .startTasks(retention, check)
        .threads(1)
        .pollingInterval(LOOK_EVERY)
        .shutdownMaxWait(CLOSE_WITHIN)
        .failureLogging(LogLevel.WARN, false)
        .build();
    scheduler.start();
    return new DailyJobs(scheduler);
  }

  private interface Job {
    String run() throws SQLException;
  }

  private static void tell(
      String type, Job job, Consumer<Entry.Happened> told, InstantSource wall) {
    String found;
    try {
      found = job.run();
    } catch (SQLException e) {
      // db-scheduler notes the failure and runs the job again the next day.
      String why = "%s failed: %s".formatted(type, DatabaseCheck.explain(e).sentence());
      LOG.warn("store: {}; tried again tomorrow", why);
      throw new IllegalStateException(why, e);
    }
    LOG.info("store: {}: {}", type, found);
    told.accept(new Entry.Happened(type, null, found, wall.instant()));
  }

  /// Ends the scheduler's threads; a job that runs is given [#CLOSE_WITHIN].
  @Override
  public void close() {
    scheduler.stop();
  }
}
