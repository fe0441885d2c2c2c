/// Real requests over real sockets against a running server, whose desk is written by the test.
@NullMarked
package dev.everfeed.hub.runtime;

import org.jspecify.annotations.NullMarked;
