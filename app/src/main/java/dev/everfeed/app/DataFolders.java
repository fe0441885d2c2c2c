package dev.everfeed.app;

/// Where hubs keep their data when nobody says another place, relative to where they are
/// started.
final class DataFolders {
  /// The default of the setting `data_dir`.
  static final String RUN = "everfeed-data";

  /// Of the demo: simulated prices and real ones never meet in one store.
  static final String DEMO = "everfeed-demo-data";

  private DataFolders() {}
}
