package dev.everfeed.hub.journal;

/// An entry and where it stands in the journal.
///
/// @param position logical bytes from the journal's begin; names the entry for good
public record Positioned(long position, Entry entry) {}
