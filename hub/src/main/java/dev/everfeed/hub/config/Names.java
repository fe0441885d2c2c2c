package dev.everfeed.hub.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// The names of settings: how a component is written in the file, and what a misspelt one may
/// have meant.
final class Names {
  private Names() {}

  /// `baseUrl` as `base_url`.
  static String snake(String component) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < component.length(); i++) {
      char c = component.charAt(i);
      if (Character.isUpperCase(c)) {
        text.append('_');
      }
      text.append(Character.toLowerCase(c));
    }
    return text.toString();
  }

  static String upper(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  /// The known name that `found` most likely meant: at most one change in three letters away,
  /// rounded up.
  static Optional<String> nearest(String found, Collection<String> known) {
    String wanted = found.toLowerCase(Locale.ROOT).replace('-', '_');
    return known.stream()
        .filter(name -> distance(wanted, name) <= (name.length() + 2) / 3)
        .min(Comparator.comparingInt(name -> distance(wanted, name)));
  }

  /// Levenshtein's distance, in two rows.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == Character.toLowerCase(b.charAt(j - 1)) ? 0 : 1;
        row[j] = Math.min(diagonal + change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
