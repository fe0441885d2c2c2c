/// Who delivers data: what can be asked of a source, the bytes of its answers, and what they
/// mean.
///
/// Each source is one package below this one. They share only what stands here, and never
/// import each other; [dev.everfeed.hub.source.KnownSources] is the one list of them.
@NullMarked
package dev.everfeed.hub.source;

import org.jspecify.annotations.NullMarked;
