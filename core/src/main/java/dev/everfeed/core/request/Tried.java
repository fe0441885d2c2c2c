package dev.everfeed.core.request;

import dev.everfeed.core.model.Failure;
import dev.everfeed.core.model.SourceId;

/// One provider that was asked, or passed over, for a request, and why it did not answer it.
public record Tried(SourceId source, Failure failure) {}
