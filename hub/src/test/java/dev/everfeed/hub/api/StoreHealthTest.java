package dev.everfeed.hub.api;

import static dev.everfeed.hub.api.CannedDesk.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.everfeed.hub.api.StoreView.JournalView;
import dev.everfeed.hub.api.StoreView.Kind;
import dev.everfeed.hub.api.StoreView.State;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What `/health` says of the journal and the database.
class StoreHealthTest {
  private static RunningServer hub;

  @BeforeAll
  static void start() {
    hub = new RunningServer();
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static RunningServer.Got healthWith(StoreView store) {
    CannedDesk.Picture picture = new CannedDesk.Picture();
    picture.store = store;
    hub.desk.view = picture.view();
    RunningServer.Got got = hub.get("/health");
    assertThat(Reference.mistakes("/components/schemas/Health", got.json())).isEmpty();
    return got;
  }

  @Test
  void aDatabaseThatIsGoneDegradesTheHubWithTheReasonButDoesNotTakeItDown() {
    RunningServer.Got got = healthWith(new StoreView(
        Kind.EXTERNAL,
        State.DOWN,
        "db.example:5432 refused the connection",
        START,
        new JournalView(null, 4096, 61_000, 17, 0),
        true));

    assertThat(got.status()).isEqualTo(200);
    JsonNode page = got.json();
    assertThat(page.get("status").asText()).isEqualTo("degraded");
    assertThat(page.get("reasons").toString())
        .isEqualTo("[\"store: db.example:5432 refused the connection\"]");
    assertThat(page.get("store").toString())
        .isEqualTo("{\"kind\":\"external\",\"state\":\"down\","
            + "\"reason\":\"db.example:5432 refused the connection\","
            + "\"since\":\"2024-05-01T12:00:00Z\",\"on_duty\":true,"
            + "\"journal\":{\"refusing\":null,\"waiting_bytes\":4096,\"oldest_age_ms\":61000,"
            + "\"accepted\":17,\"refused\":0}}");
  }

  @Test
  void aJournalThatRefusesIsToldBeforeTheDatabase() {
    RunningServer.Got got = healthWith(new StoreView(
        Kind.EMBEDDED,
        State.DOWN,
        "the server has died",
        START,
        new JournalView("no space left on the disk", 1, 1, 17, 3),
        true));

    assertThat(got.json().get("reasons").toString())
        .isEqualTo("[\"journal: no space left on the disk\"]");
  }

  @Test
  void aDatabaseOnItsWayUpOrNotWantedIsNoReason() {
    StoreView starting = new StoreView(
        Kind.EMBEDDED, State.STARTING, null, START, new JournalView(null, 0, -1, 0, 0), false);

    JsonNode page = healthWith(starting).json();

    assertThat(page.get("status").asText()).isEqualTo("ok");
    assertThat(page.at("/store/journal/oldest_age_ms").isNull()).isTrue();
    assertThat(page.at("/store/on_duty").asBoolean()).isFalse();
    assertThat(healthWith(StoreView.none(START)).json().at("/store/journal").isNull())
        .isTrue();
  }
}
