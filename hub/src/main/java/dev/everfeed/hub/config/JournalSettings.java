package dev.everfeed.hub.config;

import java.time.Duration;

/// How much the journal may keep. It lies in `data_dir/journal`.
public record JournalSettings(
    @Knob(
        value = "1024",
        min = "2",
        max = "1048576",
        means =
            "Mebibytes that the journal may take. When they are used up and the database is still away, new data is not written down: it is served all the same, and fetched again later.",
        touch = "with the longest outage of the database that must cost nothing")
    int maxMib,

    @Knob(
        value = "16",
        min = "1",
        max = "1024",
        means = "Mebibytes of one file of the journal; whole files are deleted.",
        touch = "rarely")
    int segmentMib,

    @Knob(
        value = "1h",
        min = "0s",
        max = "30d",
        means =
            "How long what is in the database stays in the journal as well: a database that comes back in an earlier state, from a backup or as a replica, is given it again.",
        touch = "with how old a restored database can be")
    Duration keepFor,

    @Knob(
        value = "256",
        min = "0",
        max = "1048576",
        means =
            "Mebibytes that are left free on the disk: with less, nothing is written down, so that a database on the same disk survives.",
        touch = "rarely")
    int minFreeMib)
    implements Checked {
  @Override
  public void check(Complaints complaints) {
    if (segmentMib * 2L > maxMib) {
      complaints.add(
          "segment_mib",
          "must be at most half of max_mib (%d), was %d".formatted(maxMib, segmentMib));
    }
  }
}
