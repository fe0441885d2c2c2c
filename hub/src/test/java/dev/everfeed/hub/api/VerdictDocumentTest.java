package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.everfeed.core.model.ValueStatus;
import dev.everfeed.core.verdict.Evidence;
import dev.everfeed.core.verdict.Verdict;
import dev.everfeed.core.verdict.VerdictRule;
import dev.everfeed.hub.config.Settings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The worked example of `docs/concepts/verdict.md`, held against the rule with its defaults.
class VerdictDocumentTest {
  private static final BigDecimal USUAL_LIMIT = BigDecimal.TWO;

  @Test
  void everyLineOfTheExampleIsWhatTheHubComputes() throws IOException {
    Path page = Path.of(System.getProperty("everfeed.project"), "docs/concepts/verdict.md");
    List<String[]> rows = Files.readAllLines(page).stream()
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).toArray(String[]::new))
        .filter(cells -> cells.length == 13 && cells[3].endsWith(" ms"))
        .toList();
    assertThat(rows).hasSizeGreaterThanOrEqualTo(8);
    VerdictRule rule = new VerdictRule(Settings.defaults().verdict().policy());
    for (String[] cells : rows) {
      Verdict verdict = rule.of(new Evidence(
          false,
          status(cells[2]),
          Long.parseLong(cells[3].replace(" ms", "")) * 1_000_000,
          Integer.parseInt(cells[4]),
          cells[6].equals("yes"),
          Long.parseLong(cells[5]),
          cells[7].equals("yes") ? "1 % apart" : null,
          null));
      assertThat(verdict.action().text()).as(cells[1]).isEqualTo(cells[8]);
      BigDecimal factor = VerdictView.factor(verdict.percent()).toBigDecimal();
      assertThat(factor).as(cells[1]).isEqualByComparingTo(cells[9]);
      assertThat(factor.multiply(USUAL_LIMIT))
          .as(cells[1])
          .isEqualByComparingTo(cells[10].replace(" BTC", ""));
      assertThat(verdict.reasons().stream()
              .map(reason -> reason.code().text())
              .collect(Collectors.joining(" ")))
          .as(cells[1])
          .isEqualTo(cells[11]);
    }
  }

  private static ValueStatus status(String text) {
    return Arrays.stream(ValueStatus.values())
        .filter(status -> status.text().equals(text))
        .findFirst()
        .orElseThrow();
  }
}
