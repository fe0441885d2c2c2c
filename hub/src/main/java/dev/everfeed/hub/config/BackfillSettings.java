package dev.everfeed.hub.config;

import java.time.Duration;

/// Which history is filled in without anybody asking.
///
/// @param repair zero for never
public record BackfillSettings(
    @Knob(
        value = "7d",
        min = "0s",
        max = "90d",
        means =
            "Holes between bars that are stored, such as outages leave behind, are filled in again when they are not older than this; 0s for never. One hub of all on a database does it.",
        touch = "longer when a hub may be down for longer, 0s when you order backfills yourself")
    Duration repair,

    @Knob(
        value = "1h",
        min = "1s",
        max = "7d",
        means = "How often such holes are looked for.",
        touch = "shorter when others read the bars soon after an outage")
    Duration repairEvery) {}
