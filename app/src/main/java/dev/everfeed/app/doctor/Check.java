package dev.everfeed.app.doctor;

import java.util.List;

/// One thing to look at. It changes nothing that stays, and ends when its thread is interrupted.
interface Check {
  /// As it is shown: `ports`.
  String name();

  /// At least one finding.
  List<Finding> look() throws Exception;
}
