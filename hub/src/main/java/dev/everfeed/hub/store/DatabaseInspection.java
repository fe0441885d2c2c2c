package dev.everfeed.hub.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/// What a hub will find at a database: looked at over one connection, nothing is changed.
///
/// @param version           as the server says it
/// @param applied           newest script of the tables, 0 before the first start
/// @param known             newest script that this program has
/// @param encryption        of this connection, `TLSv1.3`; empty when it is readable on the way
/// @param mayMakeTables     in the schema where they go
/// @param mayChangeTables   those that are there belong to this user, or there are none
/// @param connectionsFree   beyond those that are open now, for this user
/// @param hypertables       the extension timescaledb is there or can be made
public record DatabaseInspection(
    String version,
    int applied,
    int known,
    Optional<String> encryption,
    boolean mayMakeTables,
    boolean mayChangeTables,
    int connectionsFree,
    boolean hypertables) {

  /// The role of whoever asks must own what a script may have to change, or belong to who owns
  /// it (postgresql.org/docs/current/sql-altertable.html).
  private static final String ASKED = """
      select
        (select version from pg_stat_ssl where pid = pg_backend_pid() and ssl),
        coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
        not exists (
          select from pg_tables
          where schemaname = current_schema()
            and tablename = '%s'
            and not pg_has_role(tableowner, 'USAGE')),
        current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int
          - (select count(*) from pg_stat_activity where backend_type = 'client backend')::int + 1
      """.formatted(Migrations.HISTORY);

  /// Blocks no longer than the address's timeouts.
  ///
  /// @throws Unusable with why it cannot be used
  public static DatabaseInspection of(DatabaseAddress address) throws Unusable {
    DatabaseCheck.Result result = DatabaseCheck.check(address);
    if (!(result instanceof DatabaseCheck.Up up)) {
      throw new Unusable((DatabaseCheck.Down) result);
    }
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(ASKED)) {
      row.next();
      return new DatabaseInspection(
          up.version(),
          Migrations.applied(connection),
          Migrations.NEWEST,
          Optional.ofNullable(row.getString(1)),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getInt(4),
          up.hypertables());
    } catch (SQLException e) {
      throw new Unusable(DatabaseCheck.explain(e));
    }
  }

  /// The database is not there for us.
  public static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    private final transient DatabaseCheck.Down why;

    Unusable(DatabaseCheck.Down why) {
      super(why.sentence());
      this.why = why;
    }

    public DatabaseCheck.Down why() {
      return why;
    }
  }
}
