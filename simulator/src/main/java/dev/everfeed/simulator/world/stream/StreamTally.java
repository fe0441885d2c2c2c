package dev.everfeed.simulator.world.stream;

import dev.everfeed.core.engine.ControlDecision;
import dev.everfeed.core.engine.Failover;

/// Counts what happens in a run.
final class StreamTally {
  long steps;
  long ticks;
  long published;
  long gaps;
  long missing;
  long refills;
  long inputs;
  long decisions;
  long failovers;
  long migrations;
  long failBacks;
  long partial;
  long failed;
  long shadows;
  long cancelled;
  long convictions;
  long strands;
  long connects;
  long restarts;

  void decision(ControlDecision decision) {
    decisions++;
    steps++;
    switch (decision) {
      case ControlDecision.Ended ended -> {
        Failover failover = ended.failover();
        migrations += failover.migrated().size();
        switch (failover.result()) {
          case EXECUTED -> {
            failovers++;
            failBacks += failover.kind() == Failover.Kind.FAIL_BACK ? 1 : 0;
          }
          case PARTIAL -> partial++;
          case FAILED -> failed++;
          case SHADOW -> shadows++;
          case CANCELLED -> cancelled++;
          case PENDING -> {}
        }
      }
      case ControlDecision.NoBackup _ -> strands++;
      default -> {
        // counted as one of many
      }
    }
  }

  @Override
  public String toString() {
    return ("%,d events in, %,d published, %,d gaps of %,d, %,d refills, %,d failovers of %,d"
            + " contracts (%,d back), %,d partial, %,d failed, %,d only told, %,d cancelled, %,d"
            + " without a backup, %,d convictions, %,d connects, %,d restarts")
        .formatted(
            ticks,
            published,
            gaps,
            missing,
            refills,
            failovers,
            migrations,
            failBacks,
            partial,
            failed,
            shadows,
            cancelled,
            strands,
            convictions,
            connects,
            restarts);
  }
}
