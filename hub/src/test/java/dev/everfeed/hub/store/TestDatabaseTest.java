package dev.everfeed.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestDatabaseTest {

  @Test
  void eachHasTablesOfItsOwn() throws Exception {
    try (TestDatabase one = TestDatabase.create();
        TestDatabase other = TestDatabase.create()) {
      one.execute("create table t (a int)");
      other.execute("create table t (b text)", "insert into t values ('of the other')");
      try (var connection = other.dataSource().getConnection();
          var rows = connection.createStatement().executeQuery("select b from t")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("of the other");
      }
    }
  }
}
