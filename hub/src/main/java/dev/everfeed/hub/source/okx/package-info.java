/// OKX spot, version 5 of its interface: www.okx.com (wire/SPEC.md section 5).
@NullMarked
package dev.everfeed.hub.source.okx;

import org.jspecify.annotations.NullMarked;
