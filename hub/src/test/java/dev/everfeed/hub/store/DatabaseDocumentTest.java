package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/// The documented tables are those of the database. When they are not, this writes the page
/// anew: `mvn -pl hub -am test -Dtest=DatabaseDocumentTest
/// -Dsurefire.failIfNoSpecifiedTests=false -Deverfeed.write=true`.
class DatabaseDocumentTest {

  @Test
  void theDocumentedTablesAreThoseOfTheDatabase() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      Migrations.run(database.dataSource());
      try (Connection connection = database.dataSource().getConnection()) {
        String page = DatabaseDocument.page(connection);
        if (Boolean.getBoolean("everfeed.write")) {
          Files.writeString(DatabaseDocument.file(), page);
        }
        assertThat(page).doesNotContain("| null |");
        assertThat(Files.readString(DatabaseDocument.file())).isEqualTo(page);
      }
    }
  }
}
